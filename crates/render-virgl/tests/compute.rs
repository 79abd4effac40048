//! Compute, images, storage buffers and atomic counters.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{Scene, WHOLE, text};
use common::{both, core, number, resource};
use format::Format;
use render_virgl::Renderer;
use wire::Guest as Bytes;
use wire_virgl::{
    BindFlags, BufferSlot, Chunk, Command, ImageAccess, ImageRange, ImageView, LaunchGrid,
    MemoryBarrier, Object, Shader, ShaderExtra, ShaderStage, Slots, StageSlots,
};

fn compute(scene: &mut Scene, source: &str, shared: u32) {
    let source = text(source);
    let id = scene.make(Object::Shader(Shader {
        stage: ShaderStage::Compute,
        chunk: Chunk::First {
            total: source.len() as u32,
        },
        num_tokens: 100,
        extra: ShaderExtra::SharedMemory(shared),
        text: Bytes::new(&source),
    }));
    scene
        .guest
        .run(&[Command::BindShader(Some(id), ShaderStage::Compute)]);
}

fn grid(block: [u32; 3], grid: [u32; 3]) -> Command<'static> {
    Command::LaunchGrid(LaunchGrid {
        block,
        grid,
        indirect: None,
        indirect_offset: 0,
    })
}

fn storage(stage: ShaderStage, buffer: u32, offset: u32, length: u32) -> Command<'static> {
    Command::SetShaderBuffers(StageSlots {
        stage,
        slots: Slots {
            start: 0,
            values: vec![BufferSlot {
                offset,
                length,
                resource: Some(resource(buffer)),
            }],
        },
    })
}

fn image(stage: ShaderStage, texture: u32, access: ImageAccess) -> Command<'static> {
    Command::SetShaderImages(StageSlots {
        stage,
        slots: Slots {
            start: 0,
            values: vec![ImageView {
                format: number(Format::R8G8B8A8_UNORM),
                access,
                range: ImageRange::of_texture((0, 0), 0),
                resource: Some(resource(texture)),
            }],
        },
    })
}

fn counters(buffer: u32, offset: u32) -> Command<'static> {
    Command::SetAtomicBuffers(Slots {
        start: 0,
        values: vec![BufferSlot {
            offset,
            length: 16,
            resource: Some(resource(buffer)),
        }],
    })
}

fn words(scene: &mut Scene, buffer: u32, size: u32) -> Vec<u32> {
    let bytes = scene
        .guest
        .get(buffer, &common::whole([size, 1, 1]), size as usize);
    let words = bytes.as_chunks::<4>().0.iter();
    words.map(|word| u32::from_le_bytes(*word)).collect()
}

fn scenes() -> impl Iterator<Item = (&'static Renderer, Scene)> {
    both()
        .into_iter()
        .map(|renderer| (renderer, Scene::new(renderer, WHOLE)))
}

/// Each invocation writes its number, 4 bytes on.
const NUMBERS: &str = "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 4\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n\
    PROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL SV[0], BLOCK_ID\nDCL SV[1], THREAD_ID\nDCL BUFFER[0]\n\
    DCL TEMP[0..1]\nIMM[0] UINT32 {4, 100, 0, 0}\n\
    0: UMAD TEMP[0].x, SV[0].xxxx, IMM[0].xxxx, SV[1].xxxx\n\
    1: UMUL TEMP[1].x, TEMP[0].xxxx, IMM[0].xxxx\n\
    2: UADD TEMP[0].x, TEMP[0].xxxx, IMM[0].yyyy\n\
    3: STORE BUFFER[0].x, TEMP[1].xxxx, TEMP[0].xxxx\n  4: END\n";

#[test]
fn groups_write_to_their_part_of_a_buffer() {
    for (_, mut scene) in scenes() {
        compute(&mut scene, NUMBERS, 0);
        let buffer = scene.guest.buffer(512, BindFlags::SHADER_BUFFER).id;
        scene.guest.run(&[
            storage(ShaderStage::Compute, buffer, 256, 64),
            grid([4, 1, 1], [3, 1, 1]),
        ]);
        let written = words(&mut scene, buffer, 512);
        assert!(written[..64].iter().all(|word| *word == 0));
        let numbers: Vec<u32> = (100..112).collect();
        assert_eq!(written[64..76], numbers);
        assert!(written[76..].iter().all(|word| *word == 0));
    }
}

#[test]
fn the_number_of_groups_comes_from_a_buffer() {
    for (_, mut scene) in scenes() {
        compute(&mut scene, NUMBERS, 0);
        let buffer = scene.guest.buffer(256, BindFlags::SHADER_BUFFER).id;
        let groups = scene.guest.buffer(32, BindFlags::COMMAND_ARGS).id;
        let bytes: Vec<u8> = [9u32, 9, 9, 9, 2, 1, 1, 9]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        scene.guest.put(groups, &common::whole([32, 1, 1]), &bytes);
        let indirect = |indirect_offset| {
            Command::LaunchGrid(LaunchGrid {
                block: [4, 1, 1],
                grid: [0; 3],
                indirect: Some(resource(groups)),
                indirect_offset,
            })
        };
        scene
            .guest
            .run(&[storage(ShaderStage::Compute, buffer, 0, 256), indirect(16)]);
        let written = words(&mut scene, buffer, 256);
        let numbers: Vec<u32> = (100..108).collect();
        assert_eq!(written[..8], numbers);
        assert!(written[8..].iter().all(|word| *word == 0));
        for outside in [24, 32, u32::MAX - 3] {
            assert_eq!(scene.guest.failures(&[indirect(outside)]), 1);
        }
    }
}

/// What the neighbour wrote to the memory of the group.
const NEIGHBOURS: &str = "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 8\n\
    PROPERTY CS_FIXED_BLOCK_HEIGHT 1\nPROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL SV[0], THREAD_ID\n\
    DCL BUFFER[0]\nDCL MEMORY[1], SHARED\nDCL TEMP[0..3]\nIMM[0] UINT32 {4, 28, 3, 10}\n\
    0: UMUL TEMP[0].x, SV[0].xxxx, IMM[0].xxxx\n\
    1: UMUL TEMP[1].x, SV[0].xxxx, IMM[0].wwww\n\
    2: STORE MEMORY[1].x, TEMP[0].xxxx, TEMP[1].xxxx\n\
    3: MEMBAR IMM[0].zzzz\n  4: BARRIER\n\
    5: XOR TEMP[2].x, TEMP[0].xxxx, IMM[0].yyyy\n\
    6: LOAD TEMP[3].x, MEMORY[1], TEMP[2].xxxx\n\
    7: STORE BUFFER[0].x, TEMP[0].xxxx, TEMP[3].xxxx\n  8: END\n";

#[test]
fn a_group_shares_memory() {
    for (_, mut scene) in scenes() {
        compute(&mut scene, NEIGHBOURS, 32);
        let buffer = scene.guest.buffer(64, BindFlags::SHADER_BUFFER).id;
        scene.guest.run(&[
            storage(ShaderStage::Compute, buffer, 0, 64),
            grid([8, 1, 1], [1, 1, 1]),
        ]);
        let written = words(&mut scene, buffer, 64);
        assert_eq!(written[..8], [70, 60, 50, 40, 30, 20, 10, 0]);
    }
}

/// All count in one counter, and each adds its number to a word and keeps the largest.
const ATOMICS: &str = "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 8\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n\
    PROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL SV[0], THREAD_ID\nDCL BUFFER[0]\nDCL TEMP[0..2]\n\
    IMM[0] UINT32 {0, 4, 8, 1}\n\
    0: ATOMUADD TEMP[0].x, BUFFER[0], IMM[0].xxxx, IMM[0].wwww\n\
    1: ATOMUADD TEMP[1].x, BUFFER[0], IMM[0].yyyy, SV[0].xxxx\n\
    2: ATOMUMAX TEMP[2].x, BUFFER[0], IMM[0].zzzz, SV[0].xxxx\n  3: END\n";

#[test]
fn atomics_of_a_storage_buffer_lose_nothing() {
    for (_, mut scene) in scenes() {
        compute(&mut scene, ATOMICS, 0);
        let buffer = scene.guest.buffer(64, BindFlags::SHADER_BUFFER).id;
        scene.guest.run(&[
            storage(ShaderStage::Compute, buffer, 0, 64),
            grid([8, 1, 1], [5, 1, 1]),
            Command::MemoryBarrier(MemoryBarrier::SHADER_BUFFER),
            grid([8, 1, 1], [2, 1, 1]),
        ]);
        let written = words(&mut scene, buffer, 64);
        assert_eq!(written[..4], [56, 7 * 28, 7, 0]);
    }
}

/// Counts in the second counter of its buffer.
const COUNTS: &str = "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 8\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n\
    PROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL HWATOMIC[0][0]\nDCL HWATOMIC[0][1]\nDCL TEMP[0]\n\
    IMM[0] UINT32 {0, 1, 0, 0}\n\
    0: ATOMUADD TEMP[0].x, HWATOMIC[0][1], IMM[0].xxxx, IMM[0].yyyy\n  1: END\n";

#[test]
fn counters_count_dispatches_and_draws() {
    let mut scene = Scene::new(core(), WHOLE);
    let buffer = scene.guest.buffer(64, BindFlags::SHADER_BUFFER).id;
    compute(&mut scene, COUNTS, 0);
    scene
        .guest
        .run(&[counters(buffer, 16), grid([8, 1, 1], [4, 1, 1])]);
    let written = words(&mut scene, buffer, 64);
    assert_eq!(written[4..8], [0, 32, 0, 0]);
    // One a fragment.
    scene.shader(
        ShaderStage::Fragment,
        "FRAG\nDCL OUT[0], COLOR\nDCL HWATOMIC[0][0]\nDCL TEMP[0]\nIMM[0] UINT32 {0, 1, 0, 0}\n\
         IMM[1] FLT32 {0.0, 0.0, 1.0, 1.0}\n\
         0: ATOMUADD TEMP[0].x, HWATOMIC[0][0], IMM[0].xxxx, IMM[0].yyyy\n\
         1: MOV OUT[0], IMM[1]\n  2: END\n",
    );
    scene.clear();
    scene.draw();
    assert_eq!(scene.picture(), ["bbbbbbbb"; 8]);
    let written = words(&mut scene, buffer, 64);
    assert_eq!(written[4..8], [64, 32, 0, 0]);
}

/// Red where column and row are the same, else green, into a picture of 8 by 8.
const PAINTS: &str = "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 8\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n\
    PROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL SV[0], BLOCK_ID\nDCL SV[1], THREAD_ID\n\
    DCL IMAGE[0], 2D, PIPE_FORMAT_R8G8B8A8_UNORM, WR\nDCL TEMP[0..2]\n\
    IMM[0] FLT32 {0.0, 1.0, 0.0, 0.0}\n\
    0: MOV TEMP[0].x, SV[1].xxxx\n  1: MOV TEMP[0].y, SV[0].xxxx\n\
    2: USEQ TEMP[1].x, SV[0].xxxx, SV[1].xxxx\n\
    3: UCMP TEMP[2], TEMP[1].xxxx, IMM[0].yxxy, IMM[0].xyxy\n\
    4: STORE IMAGE[0], TEMP[0], TEMP[2], 2D, PIPE_FORMAT_R8G8B8A8_UNORM\n  5: END\n";

/// Each fragment loads the texel on its left, of the image.
const LOADS: &str = "FRAG\nDCL IN[0], POSITION, LINEAR\nDCL OUT[0], COLOR\n\
    DCL IMAGE[0], 2D, PIPE_FORMAT_R8G8B8A8_UNORM\nDCL TEMP[0..1]\nIMM[0] INT32 {-1, 0, 7, 0}\n\
    0: F2I TEMP[0].xy, IN[0].xyyy\n  1: UADD TEMP[0].xy, TEMP[0].xyyy, IMM[0].xyyy\n\
    2: AND TEMP[0].x, TEMP[0].xxxx, IMM[0].zzzz\n\
    3: LOAD TEMP[1], IMAGE[0], TEMP[0], 2D, PIPE_FORMAT_R8G8B8A8_UNORM\n\
    4: MOV OUT[0], TEMP[1]\n  5: END\n";

#[test]
fn images_are_stored_to_and_loaded_from() {
    for (_, mut scene) in scenes() {
        compute(&mut scene, PAINTS, 0);
        let picture = scene.guest.texture(Format::R8G8B8A8_UNORM, 8, 8).id;
        scene.guest.run(&[
            image(ShaderStage::Compute, picture, ImageAccess::WRITE),
            grid([8, 1, 1], [8, 1, 1]),
            Command::MemoryBarrier(MemoryBarrier::IMAGE | MemoryBarrier::UPDATE_TEXTURE),
        ]);
        let pixels = scene
            .guest
            .pixels(picture, Format::R8G8B8A8_UNORM, [8, 8, 1]);
        for (at, pixel) in pixels.chunks(4).enumerate() {
            let expected = match at % 8 == at / 8 {
                true => [255, 0, 0, 255],
                false => [0, 255, 0, 255],
            };
            assert_eq!(pixel, expected, "{at}");
        }
        scene.shader(ShaderStage::Fragment, LOADS);
        scene.clear();
        scene
            .guest
            .run(&[image(ShaderStage::Fragment, picture, ImageAccess::READ)]);
        scene.draw();
        let expected = (0..8).map(|row| {
            let red = (row + 1) % 8;
            (0..8).map(|x| if x == red { 'r' } else { 'g' }).collect()
        });
        assert_eq!(scene.picture(), expected.collect::<Vec<String>>());
    }
}

#[test]
fn a_dispatch_that_cannot_be_is_refused() {
    let mut scene = Scene::new(core(), WHOLE);
    assert_eq!(
        scene.guest.failures(&[grid([1; 3], [1; 3])]),
        1,
        "no shader"
    );
    compute(&mut scene, NUMBERS, 0);
    // Stores without a buffer go nowhere.
    scene.guest.run(&[grid([4, 1, 1], [1, 1, 1])]);
    let texture = scene.target;
    let not_buffers = [
        storage(ShaderStage::Compute, texture, 0, 16),
        counters(texture, 0),
        storage(ShaderStage::Compute, 9999, 0, 16),
        image(ShaderStage::Compute, 9999, ImageAccess::READ),
    ];
    assert_eq!(scene.guest.failures(&not_buffers), 4);
    // A part past the end is cut, or refused when it is used; nothing is written there.
    let buffer = scene.guest.buffer(64, BindFlags::SHADER_BUFFER).id;
    for (offset, length) in [(64, 16), (u32::MAX - 15, 16), (0, u32::MAX)] {
        scene
            .guest
            .failures(&[storage(ShaderStage::Compute, buffer, offset, length)]);
        scene.guest.failures(&[grid([4, 1, 1], [4, 1, 1])]);
    }
    let numbers: Vec<u32> = (100..116).collect();
    assert_eq!(words(&mut scene, buffer, 64), numbers);
}
