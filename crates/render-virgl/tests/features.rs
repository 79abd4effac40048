//! Features that a switch of the capset offers: each works, or the switch is off.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{CONSTANT, DRAW, POSITION, Scene, WHOLE, draw, text};
use common::{Guest, both, number, resource};
use context::{CapsetId, Renderer as _};
use format::Format;
use render_virgl::{ApiChoice, Config, ContextConfig, Renderer, report};
use wire::Guest as Bytes;
use wire_virgl::{
    BindFlags, CapabilityBits, CapabilityBits2, CapsV2, Chunk, Command, FormatMask, MemoryInfo,
    Object, ObjectId, Shader, ShaderExtra, ShaderStage,
};

fn caps(renderer: &Renderer) -> CapsV2 {
    CapsV2::from_bytes(&renderer.capset(CapsetId::VIRGL2, 2).unwrap()).unwrap()
}

#[test]
fn memory_info_is_written_where_it_is_offered() {
    for renderer in both() {
        let caps = caps(renderer);
        let mut guest = Guest::new(renderer);
        let memory = guest.buffer(24, BindFlags::CUSTOM);
        memory.shm.write(0, &[0x5a; 24]).unwrap();
        let ask = Command::GetMemoryInfo(resource(memory.id));
        let mut bytes = [0; 24];
        if !caps.capability_bits_v2.contains(CapabilityBits2::MEMINFO) {
            println!("not on this host: {:?}", caps.renderer);
            assert_eq!(guest.failures(&[ask]), 1);
            memory.shm.read(0, &mut bytes).unwrap();
            assert_eq!(bytes, [0x5a; 24]);
            continue;
        }
        guest.run(&[ask]);
        memory.shm.read(0, &mut bytes).unwrap();
        let info = MemoryInfo::from_bytes(&bytes).unwrap();
        println!("{info:?}");
        assert!(info.avail_device_memory > 0 || info.avail_staging_memory > 0);
        assert_eq!(guest.get(memory.id, &common::whole([24, 1, 1]), 24), bytes);
        // Too short, unknown, and no memory that commands write.
        let short = guest.buffer(20, BindFlags::CUSTOM).id;
        let drawn = guest.buffer(64, BindFlags::VERTEX_BUFFER).id;
        for wrong in [short, drawn, 999] {
            let ask = Command::GetMemoryInfo(resource(wrong));
            assert_eq!(guest.failures(&[ask]), 1);
        }
    }
}

/// What is there, and half of each colour's complement.
const FETCH: &str = "FRAG\nDCL OUT[0], COLOR\nDCL TEMP[0]\nDCL CONST[0][0]\n\
    0: FBFETCH TEMP[0], OUT[0]\n  1: ADD OUT[0], TEMP[0], CONST[0][0]\n  2: END\n";

#[test]
fn a_shader_reads_the_framebuffer_where_the_host_lets_it() {
    for (api, renderer) in [ApiChoice::Core, ApiChoice::Es].into_iter().zip(both()) {
        let report = report(&Config {
            context: ContextConfig { api, debug: false },
            ..Config::default()
        });
        let lacking = report.unwrap().lacking;
        let mut scene = Scene::new(renderer, WHOLE);
        scene.clear();
        scene.color([0.0, 0.0, 1.0, 1.0]);
        scene.draw();
        assert_eq!(scene.picture(), ["bbbbbbbb"; 8]);
        scene.shader(ShaderStage::Fragment, FETCH);
        scene.color([1.0, 1.0, 0.0, 0.0]);
        if lacking.contains(&"framebuffer_fetch") {
            println!("not on this host");
            assert_eq!(scene.guest.failures(&[draw(DRAW)]), 1);
            assert_eq!(scene.picture(), ["bbbbbbbb"; 8]);
            continue;
        }
        scene.draw();
        assert_eq!(scene.picture(), ["wwwwwwww"; 8]);
        // A shader that does not read sees nothing of it.
        scene.shader(ShaderStage::Fragment, CONSTANT);
        scene.color([1.0, 0.0, 0.0, 1.0]);
        scene.draw();
        assert_eq!(scene.picture(), ["rrrrrrrr"; 8]);
    }
}

/// Mesa's driver has its shaders blend where it may fetch, and sends the equation all the same.
#[test]
fn advanced_equations_are_offered_in_one_way() {
    for renderer in both() {
        let caps = caps(renderer);
        let fetches = caps.capability_bits.contains(CapabilityBits::TGSI_FBFETCH);
        let blends = caps
            .capability_bits_v2
            .contains(CapabilityBits2::BLEND_EQUATION);
        assert!(!(fetches && blends));
    }
}

fn make_shader(scene: &mut Scene, stage: ShaderStage, source: &str) -> ObjectId {
    let source = text(source);
    scene.make(Object::Shader(Shader {
        stage,
        chunk: Chunk::First {
            total: source.len() as u32,
        },
        num_tokens: 100,
        extra: ShaderExtra::StreamOutput(None),
        text: Bytes::new(&source),
    }))
}

#[test]
fn a_program_that_was_linked_before_is_the_one_that_draws() {
    for renderer in both() {
        let mut scene = Scene::new(renderer, WHOLE);
        scene.clear();
        scene.color([0.0, 1.0, 0.0, 1.0]);
        let vertex = make_shader(&mut scene, ShaderStage::Vertex, POSITION);
        let fragment = make_shader(&mut scene, ShaderStage::Fragment, CONSTANT);
        let mut ids = [None; 6];
        ids[ShaderStage::Vertex.number() as usize] = Some(vertex);
        // A part of a program is nothing to link yet.
        scene.guest.run(&[Command::LinkShader(ids)]);
        assert_eq!(scene.guest.context.stats().pipelines, 0);
        ids[ShaderStage::Fragment.number() as usize] = Some(fragment);
        scene.guest.run(&[Command::LinkShader(ids)]);
        assert_eq!(scene.guest.context.stats().pipelines, 1);
        scene.guest.run(&[
            Command::BindShader(Some(vertex), ShaderStage::Vertex),
            Command::BindShader(Some(fragment), ShaderStage::Fragment),
        ]);
        scene.draw();
        assert_eq!(scene.picture(), ["gggggggg"; 8]);
        assert_eq!(scene.guest.context.stats().pipelines, 1);
        // The same shaders again are the same program.
        scene.shader(ShaderStage::Vertex, POSITION);
        scene.shader(ShaderStage::Fragment, CONSTANT);
        scene.draw();
        assert_eq!(scene.picture(), ["gggggggg"; 8]);
        assert_eq!(scene.guest.context.stats().pipelines, 1);
        // What is bound is not what was linked.
        ids[0] = ObjectId::new(9999);
        assert_eq!(scene.guest.failures(&[Command::LinkShader(ids)]), 1);
        scene.draw();
        assert_eq!(scene.picture(), ["gggggggg"; 8]);
    }
}

/// What OpenGL ES does not take, guests are to convert.
#[test]
fn attributes_are_those_that_gl_takes() {
    let [core, es] = both().map(|renderer| caps(renderer).v1.vertex_buffer);
    let has = |mask: &FormatMask, format: Format| mask.contains(number(format));
    for format in [
        Format::R32G32B32_FLOAT,
        Format::R8G8B8A8_UNORM,
        Format::R16G16_SSCALED,
    ] {
        assert!(has(&core, format) && has(&es, format), "{format}");
    }
    for format in [
        Format::R64G64_FLOAT,
        Format::B8G8R8A8_UNORM,
        Format::R11G11B10_FLOAT,
    ] {
        assert!(has(&core, format) && !has(&es, format), "{format}");
    }
}
