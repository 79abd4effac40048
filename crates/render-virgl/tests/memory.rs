//! What a guest's objects may take.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::{Guest, both, buffer, number, resource, texture};
use context::{BlobFlags, BlobId, BlobMem, BlobRequest, Error, ResourceId};
use format::Format;
use host_gl::{ApiChoice, ContextConfig};
use render_virgl::{Config, MappedBuffers, Renderer};
use wire_virgl::{
    BindFlags, Blit, BlitBox, BlitEnd, BlitMask, Command, FormatNumber, ImageFilter,
    PipeResourceCreate, ResourceFlags, SubContextId, TextureTarget,
};

const MIB: u32 = 1 << 20;

/// Of a guest of [`small`].
const LIMIT: u32 = 64 * MIB;

fn small(api: ApiChoice, mapped_buffers: MappedBuffers) -> Renderer {
    let context = ContextConfig { api, debug: true };
    Renderer::new(&Config {
        context,
        mapped_buffers,
        guest_memory: Some(LIMIT.into()),
        ..Config::default()
    })
    .unwrap()
}

/// How many of these resources a guest can have, before it is told that there is no more.
fn fill(guest: &mut Guest, request: &context::ResourceRequest) -> u32 {
    for count in 0..1000 {
        let resources = guest.device.resources().unwrap();
        match resources.create(ResourceId(1000 + count), request) {
            Ok(()) => {}
            Err(Error::OutOfMemory(_)) => return count,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("no limit");
}

fn empty(guest: &mut Guest, count: u32) {
    for id in 0..count {
        guest.device.unref(ResourceId(1000 + id));
    }
}

#[test]
fn all_kinds_of_resources_count_and_come_back() {
    for api in [ApiChoice::Core, ApiChoice::Es] {
        let renderer = small(api, MappedBuffers::Auto);
        let mut guest = Guest::new(&renderer);
        let buffers = buffer(8 * MIB, BindFlags::VERTEX_BUFFER);
        let staging = buffer(8 * MIB, BindFlags::STAGING);
        // 1024 by 1024 by 4 bytes, in 2 layers.
        let textures = texture(
            TextureTarget::Texture2DArray,
            Format::R8G8B8A8_UNORM,
            [1024, 1024, 2],
        );
        // Contexts take a part.
        for request in [&buffers, &staging, &textures, &buffers] {
            let count = fill(&mut guest, request);
            assert!((4..8).contains(&count), "{count}: {request:?}");
            empty(&mut guest, count);
        }
        let levels = context::ResourceRequest {
            last_level: 10,
            ..textures
        };
        assert!(fill(&mut guest, &levels) < 6);
    }
}

/// What a blit read or drew to is not kept by what it did so with.
#[test]
fn textures_that_were_blitted_come_back() {
    for api in [ApiChoice::Core, ApiChoice::Es] {
        let renderer = small(api, MappedBuffers::Auto);
        let mut guest = Guest::new(&renderer);
        let format = Format::R8G8B8A8_UNORM;
        for _ in 0..4 {
            // 16 MiB each.
            let [from, to] = [(); 2].map(|()| guest.texture(format, 2048, 2048).id);
            let end = |id, width| BlitEnd {
                resource: resource(id),
                level: 0,
                format: number(format),
                region: BlitBox {
                    x: 0,
                    y: 0,
                    z: 0,
                    width,
                    height: width,
                    depth: 1,
                },
            };
            let blit = |filter| {
                Command::Blit(Box::new(Blit {
                    mask: BlitMask::all(),
                    filter,
                    scissor: None,
                    render_condition: false,
                    alpha_blend: false,
                    dst: end(to, 1024),
                    src: end(from, 2048),
                }))
            };
            guest.run(&[blit(ImageFilter::Linear), blit(ImageFilter::Nearest)]);
            guest.device.unref(ResourceId(from));
            guest.device.unref(ResourceId(to));
        }
    }
}

/// Before the driver hears of it, which might promise it.
#[test]
fn what_no_host_has_is_refused_by_the_default_limit() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        // 4 GiB a layer.
        let request = texture(
            TextureTarget::Texture2DArray,
            Format::R32G32B32A32_FLOAT,
            [16384, 16384, 256],
        );
        let resources = guest.device.resources().unwrap();
        match resources.create(ResourceId(1000), &request) {
            Err(Error::OutOfMemory(why)) => assert!(why.contains("bytes of buffers"), "{why}"),
            other => panic!("{other:?}"),
        }
        guest.buffer(MIB, BindFlags::VERTEX_BUFFER);
    }
}

#[test]
fn mapped_buffers_count_with_their_twins() {
    let many = |mapped_buffers| {
        let renderer = small(ApiChoice::Core, mapped_buffers);
        let mut guest = Guest::new(&renderer);
        let create = |blob_id| {
            Command::PipeResourceCreate(PipeResourceCreate {
                target: TextureTarget::Buffer,
                format: FormatNumber::new(64).unwrap(),
                bind: BindFlags::VERTEX_BUFFER,
                width: MIB,
                height: 1,
                depth: 1,
                array_size: 1,
                last_level: 0,
                nr_samples: 0,
                flags: ResourceFlags::empty(),
                blob_id,
            })
        };
        (1..1000).find(|number| {
            guest.run(&[create(*number)]);
            let request = BlobRequest {
                mem: BlobMem::Host3d,
                flags: BlobFlags::MAPPABLE,
                id: BlobId((*number).into()),
                size: MIB.into(),
            };
            let blob = guest.context.create_blob(ResourceId(*number), &request);
            matches!(blob, Err(Error::OutOfMemory(_)))
        })
    };
    let (pinned, copied) = (many(MappedBuffers::Auto), many(MappedBuffers::Copied));
    assert!((30..64).contains(&pinned.unwrap()), "{pinned:?}");
    assert!((10..22).contains(&copied.unwrap()), "{copied:?}");
}

#[test]
fn contexts_count() {
    let renderer = small(ApiChoice::Core, MappedBuffers::Auto);
    let mut guest = Guest::new(&renderer);
    let many: Vec<_> = (2..40)
        .map(|id| Command::CreateSubCtx(SubContextId(id)))
        .collect();
    assert!(guest.failures(&many) > 20);
}
