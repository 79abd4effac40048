//! Buffers that the guest maps.
#![allow(missing_docs, reason = "tests")]

mod common;

use std::sync::LazyLock;

use common::{Guest, both, resource, whole};
use context::{
    BlobFlags, BlobId, BlobMem, BlobRequest, BlobStorage, CapsetId, Event, FenceId, Renderer as _,
    Resource, ResourceId, RingIdx,
};
use host_gl::{ApiChoice, ContextConfig};
use host_memory::Shm;
use render_virgl::{Config, MappedBuffers, Renderer};
use wire::Guest as Bytes;
use wire_virgl::{
    BindFlags, Box3d, BufferSlot, CapabilityBits, CapsV2, Chunk, Command, FormatNumber, LaunchGrid,
    Object, PipeResourceCreate, ResourceCopyRegion, ResourceFlags, Shader, ShaderExtra,
    ShaderStage, Slots, StageSlots, TextureTarget,
};

const SIZE: u32 = 8192;

/// The guest's number of the blob.
const BLOB: u32 = 77;

static COPIED: LazyLock<Renderer> = LazyLock::new(|| copied(ApiChoice::Core));
static COPIED_ES: LazyLock<Renderer> = LazyLock::new(|| copied(ApiChoice::Es));

fn copied(api: ApiChoice) -> Renderer {
    let context = ContextConfig { api, debug: true };
    Renderer::new(&Config {
        context,
        mapped_buffers: MappedBuffers::Copied,
        ..Config::default()
    })
    .unwrap()
}

/// As the host can, and by copies.
fn all() -> impl Iterator<Item = &'static Renderer> {
    both().into_iter().chain([&*COPIED, &*COPIED_ES])
}

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

/// A guest with a mapped buffer.
fn guest(renderer: &Renderer) -> (Guest, Shm) {
    let mut guest = Guest::new(renderer);
    guest.run(&[described(TextureTarget::Buffer, 1)]);
    let id = ResourceId(BLOB);
    let blob = guest.context.create_blob(id, &request(1, SIZE.into()));
    let blob = blob.unwrap();
    let BlobStorage::Shm(pages) = &blob.storage else {
        panic!("{blob:?}");
    };
    let pages = pages.clone();
    guest.context.attach(id, &Resource::Blob(blob)).unwrap();
    (guest, pages)
}

fn copy((from, at): (u32, u32), (to, to_at): (u32, u32), width: u32) -> Command<'static> {
    Command::ResourceCopyRegion(ResourceCopyRegion {
        dst: resource(to),
        dst_level: 0,
        dst_origin: [to_at, 0, 0],
        src: resource(from),
        src_level: 0,
        src_box: Box3d {
            x: at,
            y: 0,
            z: 0,
            width,
            height: 1,
            depth: 1,
        },
    })
}

fn bytes<const N: usize>(pages: &Shm, at: u32) -> [u8; N] {
    let mut bytes = [0; N];
    pages.read(at.into(), &mut bytes).unwrap();
    bytes
}

#[test]
fn every_host_offers_buffer_storage() {
    for renderer in all() {
        let capset = renderer.capset(CapsetId::VIRGL2, 2).unwrap();
        let caps = CapsV2::from_bytes(&capset).unwrap();
        let storage = CapabilityBits::ARB_BUFFER_STORAGE;
        assert!(caps.capability_bits.contains(storage));
    }
}

/// What the guest writes into its mapping GL reads, and the other way round.
#[test]
fn a_blob_is_a_buffer_that_both_see() {
    for renderer in all() {
        let (mut guest, pages) = guest(renderer);
        pages.write(100, &[1, 2, 3, 4]).unwrap();
        let other = guest.buffer(SIZE, BindFlags::VERTEX_BUFFER);
        guest.run(&[copy((BLOB, 0), (other.id, 0), SIZE)]);
        let seen = guest.get(other.id, &whole([SIZE, 1, 1]), SIZE as usize);
        assert_eq!(seen[98..106], [0, 0, 1, 2, 3, 4, 0, 0]);

        guest.put(other.id, &whole([SIZE, 1, 1]), &vec![9; SIZE as usize]);
        guest.run(&[copy((other.id, 0), (BLOB, 0), SIZE)]);
        guest.context.finish().unwrap();
        assert_eq!(bytes(&pages, SIZE - 4), [9; 4]);
    }
}

/// In every submission anew, and GL's bytes beside the guest's.
#[test]
fn both_write_by_turns_and_beside_each_other() {
    for renderer in all() {
        let (mut guest, pages) = guest(renderer);
        let other = guest.buffer(SIZE, BindFlags::VERTEX_BUFFER);
        for round in 1..4 {
            guest.put(
                other.id,
                &whole([SIZE, 1, 1]),
                &vec![0x40 + round; SIZE as usize],
            );
            pages.write(1, &[round]).unwrap();
            // GL writes byte 2 and the last one, and reads what the guest wrote beside.
            guest.run(&[
                copy((other.id, 0), (BLOB, 2), 1),
                copy((other.id, 0), (BLOB, SIZE - 1), 1),
            ]);
            // Written after the submission, and before GL's bytes are known.
            pages.write(3, &[round, round]).unwrap();
            guest.run(&[copy((BLOB, 0), (other.id, 0), SIZE)]);
            let seen = guest.get(other.id, &whole([SIZE, 1, 1]), SIZE as usize);
            let expected = [0, round, 0x40 + round, round, round, 0];
            assert_eq!(seen[..6], expected);
            assert_eq!(seen[SIZE as usize - 1], 0x40 + round);
            guest.context.finish().unwrap();
            assert_eq!(bytes(&pages, 0), expected);
            assert_eq!(bytes(&pages, SIZE - 1), [0x40 + round]);
        }
    }
}

/// What GL writes over the guest's bytes stays, also if it is what was there before them.
#[test]
fn commands_come_after_what_was_written_before_them() {
    for renderer in all() {
        let (mut guest, pages) = guest(renderer);
        let zeros = guest.buffer(SIZE, BindFlags::VERTEX_BUFFER);
        pages.write(10, &[7; 4]).unwrap();
        guest.run(&[copy((zeros.id, 0), (BLOB, 8), 4)]);
        guest.context.finish().unwrap();
        assert_eq!(bytes(&pages, 8), [0, 0, 0, 0, 7, 7, 0, 0]);
    }
}

/// When the fence is signalled, the bytes are there.
#[test]
fn a_fence_tells_that_the_bytes_are_there() {
    for renderer in all() {
        let (mut guest, pages) = guest(renderer);
        let other = guest.buffer(SIZE, BindFlags::VERTEX_BUFFER);
        guest.put(other.id, &whole([SIZE, 1, 1]), &vec![3; SIZE as usize]);
        guest.run(&[copy((other.id, 0), (BLOB, 0), SIZE)]);
        guest.context.fence(RingIdx(0), FenceId(5)).unwrap();
        let looks = std::iter::repeat_with(|| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            guest.events.drain()
        });
        let event = looks.take(5000).flatten().next();
        let Some(Event::FenceSignaled { fence, .. }) = event else {
            panic!("{event:?}");
        };
        assert_eq!(fence, FenceId(5));
        assert_eq!(bytes(&pages, 4094), [3; 4]);
    }
}

/// A fence that is not waited for brings nothing back over what was written since.
#[test]
fn fences_and_the_guest_write_side_by_side() {
    for renderer in all() {
        let (mut guest, pages) = guest(renderer);
        let other = guest.buffer(SIZE, BindFlags::VERTEX_BUFFER);
        let seen = guest.buffer(SIZE, BindFlags::VERTEX_BUFFER);
        for round in 1..=60u8 {
            let bytes_of_gl = vec![0x40 + round; SIZE as usize];
            guest.put(other.id, &whole([SIZE, 1, 1]), &bytes_of_gl);
            // GL writes a byte in two pages, and is not waited for.
            guest.run(&[
                copy((other.id, 0), (BLOB, 8), 1),
                copy((other.id, 0), (BLOB, SIZE - 9), 1),
            ]);
            guest
                .context
                .fence(RingIdx(0), FenceId(round.into()))
                .unwrap();
            pages.write(9, &[round]).unwrap();
            guest.run(&[copy((BLOB, 0), (seen.id, 0), SIZE)]);
            guest
                .context
                .fence(RingIdx(0), FenceId(100 + u64::from(round)))
                .unwrap();
            let read = guest.get(seen.id, &whole([SIZE, 1, 1]), SIZE as usize);
            assert_eq!(read[8..11], [0x40 + round, round, 0], "round {round}");
            assert_eq!(read[SIZE as usize - 9], 0x40 + round);
        }
        guest.context.finish().unwrap();
        assert_eq!(bytes(&pages, 7), [0, 0x40 + 60, 60, 0]);
        assert_eq!(bytes(&pages, SIZE - 9), [0x40 + 60, 0]);
    }
}

/// Transfers, which no stream orders, see the same bytes.
#[test]
fn transfers_see_what_the_mapping_shows() {
    for renderer in all() {
        let (mut guest, pages) = guest(renderer);
        pages.write(20, &[5, 6]).unwrap();
        let seen = guest.get(BLOB, &whole([SIZE, 1, 1]), SIZE as usize);
        assert_eq!(seen[19..23], [0, 5, 6, 0]);
        guest.put(BLOB, &whole([30, 1, 1]), &[8; 30]);
        guest.context.finish().unwrap();
        assert_eq!(bytes(&pages, 28), [8, 8, 0, 0]);
    }
}

/// Adds one to the first word of the buffer, and puts that into the second.
const ADD: &str = "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 1\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n\
    PROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL BUFFER[0]\nDCL TEMP[0]\nIMM[0] UINT32 {0, 4, 1, 0}\n  \
    0: LOAD TEMP[0].x, BUFFER[0], IMM[0].xxxx\n  \
    1: UADD TEMP[0].x, TEMP[0].xxxx, IMM[0].zzzz\n  \
    2: STORE BUFFER[0].x, IMM[0].yyyy, TEMP[0].xxxx\n  3: END\n";

/// Where the numbers of work groups are.
const GROUPS: u32 = 512;

/// Binds the mapped buffer and a shader that uses it.
fn bind_compute(guest: &mut Guest) {
    let mut source = ADD.as_bytes().to_vec();
    source.resize((source.len() + 1).next_multiple_of(4), 0);
    let shader = Shader {
        stage: ShaderStage::Compute,
        chunk: Chunk::First {
            total: source.len() as u32,
        },
        num_tokens: 100,
        extra: ShaderExtra::SharedMemory(0),
        text: Bytes::new(&source),
    };
    let id = guest.object();
    guest.run(&[
        Command::CreateObject(id, Object::Shader(shader)),
        Command::BindShader(Some(id), ShaderStage::Compute),
        Command::SetShaderBuffers(StageSlots {
            stage: ShaderStage::Compute,
            slots: Slots {
                start: 0,
                values: vec![BufferSlot {
                    offset: 0,
                    length: SIZE,
                    resource: Some(resource(BLOB)),
                }],
            },
        }),
    ]);
}

/// One group, which the buffer says.
fn dispatch() -> Command<'static> {
    Command::LaunchGrid(LaunchGrid {
        block: [1; 3],
        grid: [0; 3],
        indirect: Some(resource(BLOB)),
        indirect_offset: GROUPS,
    })
}

#[test]
fn shaders_see_the_guests_bytes_and_the_guest_the_shaders() {
    for renderer in all() {
        let (mut guest, pages) = guest(renderer);
        bind_compute(&mut guest);
        pages
            .write(GROUPS.into(), &[1, 0, 0, 0, 1, 0, 0, 0, 1])
            .unwrap();
        for number in [5u32, 600, 70_000] {
            pages.write(0, &number.to_le_bytes()).unwrap();
            guest.run(&[dispatch()]);
            guest.context.finish().unwrap();
            assert_eq!(u32::from_le_bytes(bytes(&pages, 4)), number + 1);
        }
    }
}

#[test]
fn a_dispatch_without_an_end_is_refused() {
    let (mut guest, _) = guest(&COPIED);
    bind_compute(&mut guest);
    let direct = |grid| {
        Command::LaunchGrid(LaunchGrid {
            block: [1; 3],
            grid,
            indirect: None,
            indirect_offset: 0,
        })
    };
    guest.run(&[direct([2, 3, 4])]);
    assert_eq!(guest.failures(&[direct([65_535; 3])]), 1);
    assert_eq!(guest.failures(&[direct([u32::MAX; 3])]), 1);
}

/// A guest goes on writing to other bytes while GL works and what it wrote is fetched.
#[test]
fn nothing_that_the_guest_writes_at_the_same_time_is_lost() {
    const WRITES: u32 = 20_000;
    /// Of the word that the guest writes, beside GL's.
    const WORD: u32 = 8;
    for renderer in all() {
        let (mut guest, pages) = guest(renderer);
        bind_compute(&mut guest);
        pages
            .write(GROUPS.into(), &[1, 0, 0, 0, 1, 0, 0, 0, 1])
            .unwrap();
        let theirs = pages.clone();
        let writer = std::thread::spawn(move || {
            for number in 1..=WRITES {
                theirs.write(WORD.into(), &number.to_le_bytes()).unwrap();
                // Nobody else writes there.
                assert_eq!(bytes(&theirs, WORD), number.to_le_bytes());
            }
        });
        let mut number = 0u32;
        while !writer.is_finished() || number < 3 {
            number += 1;
            pages.write(0, &number.to_le_bytes()).unwrap();
            guest.run(&[dispatch()]);
            guest.context.finish().unwrap();
            assert_eq!(u32::from_le_bytes(bytes(&pages, 4)), number + 1);
        }
        writer.join().unwrap();
        assert_eq!(bytes(&pages, WORD), WRITES.to_le_bytes());
        let seen = guest.get(BLOB, &whole([SIZE, 1, 1]), SIZE as usize);
        assert_eq!(seen[WORD as usize..][..4], WRITES.to_le_bytes());
    }
}

#[test]
fn blobs_that_nobody_described_are_refused() {
    for renderer in all() {
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
