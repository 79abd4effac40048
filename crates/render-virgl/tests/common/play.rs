//! A guest that a string of bytes plays: what resources it has, and one command stream.

use context::{
    Backing, CapsetId, ContextId, FenceId, Piece, Renderer as _, Resource, ResourceId,
    ResourceRequest, RingIdx, events,
};
use format::Format;
use host_memory::{Pages, Shm};
use render_virgl::Renderer;
use wire_virgl::{BindFlags, TextureTarget};

/// Resources, each of two bytes.
pub(crate) const RESOURCES: usize = 48;

/// The bytes before the stream.
pub(crate) const HEAD: usize = RESOURCES * 2;

/// Bytes of memory behind each resource.
const MEMORY: u64 = 65536;

const FORMATS: [Format; 16] = [
    Format::B8G8R8A8_UNORM,
    Format::R8G8B8A8_UNORM,
    Format::R32G32B32A32_FLOAT,
    Format::R16G16B16A16_FLOAT,
    Format::R8_UNORM,
    Format::L8_UNORM,
    Format::A8_UNORM,
    Format::R8G8B8A8_UINT,
    Format::R32_SINT,
    Format::R8G8B8A8_SRGB,
    Format::Z24_UNORM_S8_UINT,
    Format::Z32_FLOAT,
    Format::Z16_UNORM,
    Format::S8_UINT,
    Format::DXT1_RGBA,
    Format::R11G11B10_FLOAT,
];

/// Plays the bytes; how many commands were executed, and how many of them failed.
pub(crate) fn play(renderer: &Renderer, data: &[u8]) -> (u64, u64) {
    let Some((head, stream)) = data.split_at_checked(HEAD) else {
        return (0, 0);
    };
    let mut device = renderer.open_device().unwrap();
    let (sender, _receiver) = events().unwrap();
    let mut context = device
        .create_context(ContextId(1), CapsetId::VIRGL2, "played", sender)
        .unwrap();
    for (id, shape) in (1..).map(ResourceId).zip(head.as_chunks().0) {
        let resources = device.resources().unwrap();
        if resources.create(id, &request(*shape)).is_ok() {
            let shm = Shm::new("played", MEMORY).unwrap();
            let piece = Piece::new(Pages::from(shm), 0, MEMORY).unwrap();
            resources
                .attach_backing(id, Backing::new([piece]).unwrap())
                .unwrap();
            context.attach(id, &Resource::Classic).unwrap();
        }
    }
    // Whether it parses does not matter.
    if context.submit(stream).is_ok() {
        let _ = context.fence(RingIdx(0), FenceId(1));
    }
    let stats = context.stats();
    (stats.commands, stats.failures)
}

fn request([kind, size]: [u8; 2]) -> ResourceRequest {
    use TextureTarget as T;
    let targets = [T::Buffer, T::Texture1D, T::Texture2D, T::Texture3D];
    let more = [T::Cube, T::Rect, T::Texture2DArray, T::CubeArray];
    let target = match kind % 16 {
        at @ 0..4 => targets[usize::from(at)],
        at @ 4..8 => more[usize::from(at - 4)],
        at if at % 2 == 0 => T::Buffer,
        _ => T::Texture2D,
    };
    let side = u32::from(size % 64) + 1;
    let is_flat = matches!(target, T::Buffer | T::Texture1D);
    ResourceRequest {
        target: target.number(),
        format: FORMATS[usize::from(kind >> 4)].to_wire(),
        bind: match target {
            T::Buffer => BindFlags::VERTEX_BUFFER | BindFlags::CONSTANT_BUFFER,
            _ => BindFlags::SAMPLER_VIEW | BindFlags::RENDER_TARGET,
        }
        .bits(),
        width: if target == T::Buffer {
            side * 512
        } else {
            side
        },
        height: if is_flat { 1 } else { side },
        depth: if target == T::Texture3D { 4 } else { 1 },
        array_size: match target {
            T::Cube => 6,
            T::CubeArray => 12,
            T::Texture2DArray => 3,
            _ => 1,
        },
        last_level: 0,
        nr_samples: if target == T::Texture2D && size > 200 {
            4
        } else {
            0
        },
        flags: 0,
    }
}
