//! Surfaces with samples that only exist while they are drawn to.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{DRAW, RASTERIZER, SIZE, Scene, TESTS, WHOLE, draw};
use common::{both, number, resource, whole};
use context::Renderer as _;
use format::Format;
use wire_virgl::{
    BindableType, CapabilityBits2, CapsV2, Clear, ClearBuffers, Command, CompareFunc,
    DepthStencilAlpha, Draw, MsaaSurface, Object, ObjectId, PrimitiveMode, Rasterizer,
    RasterizerFlags, Surface,
};

fn surface(scene: &mut Scene, target: u32, format: Format, samples: u32) -> ObjectId {
    scene.make(Object::MsaaSurface(MsaaSurface {
        surface: Surface {
            resource: resource(target),
            format: number(format),
            level: 0,
            first_layer: 0,
            last_layer: 0,
        },
        samples,
    }))
}

fn scenes() -> impl Iterator<Item = Scene> {
    both().into_iter().map(|renderer| {
        let mut scene = Scene::new(renderer, WHOLE);
        let flags = RASTERIZER.flags | RasterizerFlags::MULTISAMPLE;
        let rasterizer = Rasterizer {
            flags,
            ..RASTERIZER
        };
        scene.bind(BindableType::Rasterizer, Object::Rasterizer(rasterizer));
        scene
    })
}

/// Half of the picture.
fn triangle() -> Command<'static> {
    draw(Draw {
        count: 3,
        mode: PrimitiveMode::Triangles,
        ..DRAW
    })
}

/// A line of points along the edge; the triangle's side is white, the other black.
fn edges(picture: &[String]) -> usize {
    let is_mixed = |row: &String| row.matches('?').count();
    picture.iter().map(is_mixed).sum()
}

#[test]
fn guests_are_told_of_them() {
    for renderer in both() {
        let bytes = renderer.capset(context::CapsetId::VIRGL2, 2).unwrap();
        let caps = CapsV2::from_bytes(&bytes).unwrap();
        assert!(
            caps.capability_bits_v2
                .contains(CapabilityBits2::IMPLICIT_MSAA)
        );
    }
}

#[test]
fn what_is_drawn_is_resolved_and_comes_back() {
    for mut scene in scenes() {
        let target = scene.target;
        let color = surface(&mut scene, target, Format::R8G8B8A8_UNORM, 4);
        scene.framebuffer(&[color], None);
        scene.color([1.0; 4]);
        scene.clear();
        scene.guest.run(&[triangle()]);
        let picture = scene.picture();
        assert_eq!(edges(&picture), 8, "{picture:?}");
        assert!(picture[0].starts_with('w') && picture[7].ends_with('.'));
        // A draw of nothing opens the samples again, from what was resolved.
        scene
            .guest
            .run(&[draw(Draw { count: 0, ..DRAW }), triangle()]);
        let again = scene.picture();
        assert_eq!(edges(&again), 8, "{again:?}");
        // What others wrote meanwhile counts.
        let size = [SIZE, SIZE, 1];
        let red = [255, 0, 0, 255].repeat((SIZE * SIZE) as usize);
        scene.guest.put(target, &whole(size), &red);
        scene.guest.run(&[draw(Draw { count: 0, ..DRAW })]);
        assert_eq!(scene.picture(), ["rrrrrrrr"; 8]);
        // So it is within a submission.
        scene.color([0.0, 1.0, 0.0, 1.0]);
        let copy = scene.guest.texture(Format::R8G8B8A8_UNORM, SIZE, SIZE).id;
        let region = wire_virgl::Box3d {
            x: 0,
            y: 0,
            z: 0,
            width: SIZE,
            height: SIZE,
            depth: 1,
        };
        let copied = Command::ResourceCopyRegion(wire_virgl::ResourceCopyRegion {
            dst: resource(copy),
            dst_level: 0,
            dst_origin: [0; 3],
            src: resource(target),
            src_level: 0,
            src_box: region,
        });
        scene.guest.run(&[draw(DRAW), copied]);
        assert_eq!(scene.picture_of(copy), ["gggggggg"; 8]);
        // One sample is none, and as the texture itself.
        let plain = surface(&mut scene, target, Format::R8G8B8A8_UNORM, 1);
        scene.framebuffer(&[plain], None);
        scene.color([1.0; 4]);
        scene.clear();
        scene.guest.run(&[triangle()]);
        assert_eq!(edges(&scene.picture()), 0);
    }
}

#[test]
fn depth_has_them_too() {
    for mut scene in scenes() {
        let target = scene.target;
        let color = surface(&mut scene, target, Format::R8G8B8A8_UNORM, 4);
        let depth = scene
            .guest
            .texture(Format::Z24_UNORM_S8_UINT, SIZE, SIZE)
            .id;
        let depth = surface(&mut scene, depth, Format::Z24_UNORM_S8_UINT, 4);
        scene.framebuffer(&[color], Some(depth));
        let nearer = DepthStencilAlpha {
            depth_enable: true,
            depth_write: true,
            depth_func: CompareFunc::Less,
            ..TESTS
        };
        scene.bind(
            BindableType::DepthStencilAlpha,
            Object::DepthStencilAlpha(nearer),
        );
        let all = ClearBuffers::COLOR0 | ClearBuffers::DEPTH | ClearBuffers::STENCIL;
        scene.guest.run(&[Command::Clear(Clear {
            buffers: all,
            color: [0; 4],
            depth: 1.0,
            stencil: 0,
        })]);
        scene.color([1.0, 0.0, 0.0, 1.0]);
        scene.draw();
        // In another submission, at the same depth.
        scene.color([0.0, 1.0, 0.0, 1.0]);
        scene.draw();
        assert_eq!(scene.picture(), ["rrrrrrrr"; 8]);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for mut scene in scenes() {
        let target = scene.target;
        let of = |samples, last_layer| MsaaSurface {
            surface: Surface {
                resource: resource(target),
                format: number(Format::R8G8B8A8_UNORM),
                level: 0,
                first_layer: 0,
                last_layer,
            },
            samples,
        };
        for wrong in [of(4, 1), of(1 << 20, 0), of(u32::MAX, 0)] {
            let id = scene.guest.object();
            let made = Command::CreateObject(id, Object::MsaaSurface(wrong));
            assert_eq!(scene.guest.failures(&[made]), 1);
        }
    }
}
