//! Buffers that the guest maps.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::{Guest, both, resource, whole};
use context::{BlobFlags, BlobId, BlobMem, BlobRequest, BlobStorage, Error, Resource, ResourceId};
use wire_virgl::{
    BindFlags, Box3d, Command, FormatNumber, PipeResourceCreate, ResourceCopyRegion, ResourceFlags,
    TextureTarget,
};

const SIZE: u32 = 8192;

fn described(target: TextureTarget, blob_id: u32) -> Command<'static> {
    Command::PipeResourceCreate(PipeResourceCreate {
        target,
        format: FormatNumber::new(64).unwrap(),
        bind: BindFlags::VERTEX_BUFFER,
        width: SIZE,
        height: 1,
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
        flags: ResourceFlags::empty(),
        blob_id,
    })
}

fn request(id: u64, size: u64) -> BlobRequest {
    BlobRequest {
        mem: BlobMem::Host3d,
        flags: BlobFlags::MAPPABLE,
        id: BlobId(id),
        size,
    }
}

/// What the guest writes into its mapping GL reads, and the other way round.
#[test]
fn a_blob_is_a_buffer_that_both_see() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        guest.run(&[described(TextureTarget::Buffer, 1)]);
        let id = ResourceId(77);
        let blob = match guest.context.create_blob(id, &request(1, SIZE.into())) {
            Ok(blob) => blob,
            Err(Error::Unsupported(why) | Error::Host(why)) => {
                println!("skipped: {why}");
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        guest
            .context
            .attach(id, &Resource::Blob(blob.clone()))
            .unwrap();
        let BlobStorage::Shm(pages) = &blob.storage else {
            panic!("{blob:?}");
        };
        pages.write(100, &[1, 2, 3, 4]).unwrap();
        let other = guest.buffer(SIZE, BindFlags::VERTEX_BUFFER);
        let copy = |from: u32, to: u32| {
            Command::ResourceCopyRegion(ResourceCopyRegion {
                dst: resource(to),
                dst_level: 0,
                dst_origin: [0; 3],
                src: resource(from),
                src_level: 0,
                src_box: Box3d {
                    x: 0,
                    y: 0,
                    z: 0,
                    width: SIZE,
                    height: 1,
                    depth: 1,
                },
            })
        };
        guest.run(&[copy(77, other.id)]);
        let bytes = guest.get(other.id, &whole([SIZE, 1, 1]), SIZE as usize);
        assert_eq!(bytes[98..106], [0, 0, 1, 2, 3, 4, 0, 0]);

        guest.put(other.id, &whole([SIZE, 1, 1]), &vec![9; SIZE as usize]);
        guest.run(&[copy(other.id, 77)]);
        guest.context.finish().unwrap();
        let mut seen = [0; 4];
        pages.read(u64::from(SIZE) - 4, &mut seen).unwrap();
        assert_eq!(seen, [9; 4]);
    }
}

#[test]
fn blobs_that_nobody_described_are_refused() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let id = ResourceId(77);
        let refused = |guest: &mut Guest, request: &BlobRequest| {
            guest.context.create_blob(id, request).is_err()
        };
        assert!(refused(&mut guest, &request(1, 4096)));
        assert!(refused(&mut guest, &request(u64::MAX, 4096)));
        // Too small for what was described; and then it is used up.
        guest.run(&[described(TextureTarget::Buffer, 1)]);
        assert!(refused(&mut guest, &request(1, 4096)));
        assert!(refused(&mut guest, &request(1, SIZE.into())));
        guest.run(&[described(TextureTarget::Texture1D, 2)]);
        assert!(refused(&mut guest, &request(2, SIZE.into())));
        let many: Vec<_> = (0..100)
            .map(|n| described(TextureTarget::Buffer, n))
            .collect();
        assert_eq!(guest.failures(&many), 36);
    }
}
