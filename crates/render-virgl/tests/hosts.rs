//! Draws on hosts with OpenGL ES or with an old shading language.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{DRAW, OPAQUE, POSITION, QUARTER, SIZE, Scene, TESTS, blend, draw, rows};
use common::{all, both, resource};
use format::Format;
use wire_virgl::{
    AlphaBlend, BindFlags, BindableType, BlendEquation, BlendFactor, BlendFunc, BlendTarget, Clear,
    ClearBuffers, Command, CompareFunc, DepthStencilAlpha, Draw, DrawPatch, DrawVbo, Object,
    PrimitiveMode, ShaderStage, Slots, StreamOutput, StreamedOutput, StreamoutTarget,
    StreamoutTargets, TessState, VertexBuffer, Viewport,
};

const PATCH: &str = "TESS_CTRL\nPROPERTY TCS_VERTICES_OUT 4\nDCL IN[][0], POSITION\n\
    DCL SV[0], INVOCATIONID\nDCL OUT[][0], POSITION\nDCL OUT[1], TESSOUTER\n\
    DCL OUT[2].xy, TESSINNER\nDCL TEMP[0]\nDCL ADDR[0]\nIMM[0] FLT32 { 1.0, 1.0, 1.0, 1.0 }\n\
    0: UARL ADDR[0].x, SV[0].xxxx\n  1: MOV TEMP[0], IN[ADDR[0].x][0]\n\
    2: MOV OUT[ADDR[0].x][0], TEMP[0]\n  3: MOV OUT[1], IMM[0]\n  4: MOV OUT[2].xy, IMM[0]\n\
    5: END\n";
const QUAD: &str = "TESS_EVAL\nPROPERTY TES_PRIM_MODE 7\nPROPERTY TES_SPACING 2\n\
    DCL IN[][0], POSITION\nDCL SV[0], TESSCOORD\nDCL OUT[0], POSITION\nDCL TEMP[0..1]\n\
    0: LRP TEMP[0], SV[0].xxxx, IN[1][0], IN[0][0]\n\
    1: LRP TEMP[1], SV[0].xxxx, IN[3][0], IN[2][0]\n\
    2: LRP OUT[0], SV[0].yyyy, TEMP[1], TEMP[0]\n  3: END\n";

/// On OpenGL ES the last stage says the size of points, and the stages before know of none.
#[test]
fn patches_become_quads() {
    for renderer in both() {
        let mut scene = Scene::new(renderer, QUARTER);
        scene.shader(ShaderStage::TessCtrl, PATCH);
        scene.shader(ShaderStage::TessEval, QUAD);
        scene.clear();
        scene.color([0.0, 1.0, 0.0, 1.0]);
        let patches = DrawVbo {
            draw: Draw {
                mode: PrimitiveMode::Patches,
                ..DRAW
            },
            patch: Some(DrawPatch {
                vertices_per_patch: 4,
                draw_id: 0,
            }),
            indirect: None,
        };
        scene.guest.run(&[Command::DrawVbo(patches)]);
        assert_eq!(scene.picture(), rows("gggg....", "........"));
    }
}

/// OpenGL ES has no tessellation without one.
#[test]
fn patches_need_no_control_shader() {
    const QUAD: &str = "TESS_EVAL\nPROPERTY TES_PRIM_MODE 7\nPROPERTY TES_SPACING 2\n\
        DCL IN[][0], POSITION\nDCL IN[][1], GENERIC[0]\nDCL SV[0], TESSCOORD\n\
        DCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\nDCL TEMP[0..1]\n\
        0: LRP TEMP[0], SV[0].xxxx, IN[1][0], IN[0][0]\n\
        1: LRP TEMP[1], SV[0].xxxx, IN[3][0], IN[2][0]\n\
        2: LRP OUT[0], SV[0].yyyy, TEMP[1], TEMP[0]\n  3: MOV OUT[1], IN[0][1]\n  4: END\n";
    for renderer in both() {
        let mut scene = Scene::new(renderer, QUARTER);
        scene.shader(
            ShaderStage::Vertex,
            "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n\
             IMM[0] FLT32 { 0.0, 0.0, 1.0, 1.0 }\n\
             0: MOV OUT[0], IN[0]\n  1: MOV OUT[1], IMM[0]\n  2: END\n",
        );
        scene.shader(ShaderStage::TessEval, QUAD);
        scene.shader(
            ShaderStage::Fragment,
            "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\n\
             0: MOV OUT[0], IN[0]\n  1: END\n",
        );
        let patches = DrawVbo {
            draw: Draw {
                mode: PrimitiveMode::Patches,
                ..DRAW
            },
            patch: Some(DrawPatch {
                vertices_per_patch: 4,
                draw_id: 0,
            }),
            indirect: None,
        };
        let levels = |outer| {
            Command::SetTessState(TessState {
                outer,
                inner: [1.0; 2],
            })
        };
        scene.clear();
        scene
            .guest
            .run(&[levels([2.0; 4]), Command::DrawVbo(patches)]);
        assert_eq!(scene.picture(), rows("bbbb....", "........"));
        // A level of 0 leaves the patch out.
        scene.clear();
        scene
            .guest
            .run(&[levels([0.0; 4]), Command::DrawVbo(patches)]);
        assert_eq!(scene.picture(), ["........"; 8]);
    }
}

const TWO: &str = "FRAG\nDCL OUT[0], COLOR\nDCL OUT[1], COLOR[1]\nDCL CONST[0][0]\n\
    IMM[0] FLT32 { 0.0, 0.0, 1.0, 1.0 }\n  0: MOV OUT[0], IMM[0]\n  1: MOV OUT[1], CONST[0][0]\n\
    2: END\n";

#[test]
fn two_colors_go_where_they_belong() {
    for renderer in all() {
        let mut scene = Scene::new(renderer, QUARTER);
        let format = Format::R8G8B8A8_UNORM;
        let second = scene.guest.texture(format, SIZE, SIZE).id;
        let surfaces = [scene.target, second].map(|target| scene.surface(target, format));
        scene.framebuffer(&surfaces, None);
        scene.shader(ShaderStage::Fragment, TWO);
        scene.color([1.0, 0.0, 0.0, 1.0]);
        scene.guest.run(&[draw(DRAW)]);
        assert_eq!(scene.picture(), rows("bbbb....", "........"));
        assert_eq!(scene.picture_of(second), rows("rrrr....", "........"));
    }
}

#[test]
fn a_second_color_scales_the_first() {
    let sum = |src| BlendEquation {
        func: BlendFunc::Add,
        src: Some(src),
        dst: Some(BlendFactor::Zero),
    };
    for renderer in all() {
        let mut scene = Scene::new(renderer, QUARTER);
        let target = BlendTarget {
            enable: true,
            rgb: sum(BlendFactor::InvSrc1Color),
            alpha: AlphaBlend::Equation(sum(BlendFactor::One)),
            ..OPAQUE
        };
        scene.bind(BindableType::Blend, Object::Blend(Box::new(blend(target))));
        let white = TWO.replace("{ 0.0, 0.0, 1.0, 1.0 }", "{ 1.0, 1.0, 1.0, 1.0 }");
        scene.shader(ShaderStage::Fragment, &white);
        scene.clear();
        scene.color([0.0, 1.0, 1.0, 1.0]);
        scene.guest.run(&[draw(DRAW)]);
        assert_eq!(scene.picture(), rows("rrrr....", "........"));
    }
}

/// OpenGL ES draws no transform feedback: its vertices are counted.
#[test]
fn what_was_streamed_out_is_drawn() {
    let streamed = StreamOutput {
        strides: [4, 0, 0, 0],
        outputs: vec![StreamedOutput {
            register: 0,
            start_component: 0,
            num_components: 4,
            buffer: 0,
            dst_offset: 0,
            stream: 0,
        }],
    };
    for renderer in both() {
        let mut scene = Scene::new(renderer, QUARTER);
        let bind = BindFlags::VERTEX_BUFFER | BindFlags::STREAM_OUTPUT;
        let buffer = scene.guest.buffer(4096, bind).id;
        let target = scene.make(Object::StreamoutTarget(StreamoutTarget {
            resource: resource(buffer),
            offset: 0,
            size: 4096,
        }));
        scene.color([0.0, 1.0, 0.0, 1.0]);
        scene.streaming_shader(ShaderStage::Vertex, POSITION, Some(streamed.clone()));
        let targets =
            |targets| Command::SetStreamoutTargets(StreamoutTargets { append: 0, targets });
        // The strip's first triangle, and then the whole strip.
        let first = draw(Draw { count: 3, ..DRAW });
        scene.guest.run(&[
            targets(vec![Some(target)]),
            first,
            draw(DRAW),
            targets(vec![]),
        ]);
        scene.shader(ShaderStage::Vertex, POSITION);
        scene.clear();
        let vertices = VertexBuffer {
            stride: 16,
            offset: 0,
            resource: Some(resource(buffer)),
        };
        scene.guest.run(&[
            Command::SetVertexBuffers(vec![vertices]),
            draw(Draw {
                mode: PrimitiveMode::Triangles,
                count: 0,
                count_from_streamout: 4096,
                ..DRAW
            }),
        ]);
        assert_eq!(scene.picture(), rows("gggg....", "........"));
    }
}

#[test]
fn near_may_be_farther_than_far() {
    let depth = Format::Z24_UNORM_S8_UINT;
    for renderer in both() {
        for (z, expected) in [(-1.0, "........"), (1.0, "gggg....")] {
            let mut corners = QUARTER;
            corners.iter_mut().for_each(|[_, _, own, _]| *own = z);
            let mut scene = Scene::new(renderer, corners);
            let buffer = scene.guest.texture(depth, SIZE, SIZE).id;
            let color = scene.surface(scene.target, Format::R8G8B8A8_UNORM);
            let depth = scene.surface(buffer, depth);
            scene.framebuffer(&[color], Some(depth));
            let tests = DepthStencilAlpha {
                depth_enable: true,
                depth_func: CompareFunc::Less,
                ..TESTS
            };
            scene.bind(
                BindableType::DepthStencilAlpha,
                Object::DepthStencilAlpha(tests),
            );
            let half = SIZE as f32 / 2.0;
            let viewport = Viewport {
                scale: [half, half, -0.25],
                translate: [half, half, 0.5],
            };
            scene.color([0.0, 1.0, 0.0, 1.0]);
            scene.guest.run(&[
                Command::SetViewportState(Slots {
                    start: 0,
                    values: vec![viewport],
                }),
                Command::Clear(Clear {
                    buffers: ClearBuffers::COLOR0 | ClearBuffers::DEPTH,
                    color: [0; 4],
                    depth: 0.5,
                    stencil: 0,
                }),
                draw(DRAW),
            ]);
            assert_eq!(scene.picture(), rows(expected, "........"), "{z}");
        }
    }
}

#[test]
fn old_contexts_draw() {
    common::run_on_old_contexts("old_contexts_draw");
}
