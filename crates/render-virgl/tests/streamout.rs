//! Streaming what shaders put out, and drawing it.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{DRAW, Scene, WHOLE, draw, text};
use common::{both, core, resource};
use wire::Guest as Bytes;
use wire_virgl::{
    BindFlags, Chunk, Command, Draw, GetQueryResult, GetQueryResultQbo, Object, ObjectId,
    PrimitiveMode, Query, QueryResultType, QueryType, Shader, ShaderExtra, ShaderStage,
    StreamOutput, StreamedOutput, StreamoutTarget, StreamoutTargets, VertexBuffer,
};

/// The position halved, and the position as it came.
const HALVED: &str = "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n\
    IMM[0] FLT32 {0.5, 0.5, 0.5, 1.0}\n  0: MUL OUT[0], IN[0], IMM[0]\n  1: MOV OUT[1], IN[0]\n\
    2: END\n";

fn output(register: u8, components: u8, buffer: u8, dst_offset: u16) -> StreamedOutput {
    StreamedOutput {
        register,
        start_component: 0,
        num_components: components,
        buffer,
        dst_offset,
        stream: 0,
    }
}

fn streaming_shader(scene: &mut Scene, output: StreamOutput) {
    let source = text(HALVED);
    let id = scene.make(Object::Shader(Shader {
        stage: ShaderStage::Vertex,
        chunk: Chunk::First {
            total: source.len() as u32,
        },
        num_tokens: 100,
        extra: ShaderExtra::StreamOutput(Some(output)),
        text: Bytes::new(&source),
    }));
    scene
        .guest
        .run(&[Command::BindShader(Some(id), ShaderStage::Vertex)]);
}

/// A buffer of `size` bytes, all 0xee, and the target that is all of it.
fn target(scene: &mut Scene, size: u32) -> (u32, ObjectId) {
    let bind = BindFlags::STREAM_OUTPUT | BindFlags::VERTEX_BUFFER;
    let buffer = scene.guest.buffer(size, bind).id;
    let fill = vec![0xee; size as usize];
    scene.guest.put(buffer, &common::whole([size, 1, 1]), &fill);
    let target = scene.make(Object::StreamoutTarget(StreamoutTarget {
        resource: resource(buffer),
        offset: 0,
        size,
    }));
    (buffer, target)
}

fn set(scene: &mut Scene, targets: &[ObjectId]) {
    scene
        .guest
        .run(&[Command::SetStreamoutTargets(StreamoutTargets {
            append: 0,
            targets: targets.iter().copied().map(Some).collect(),
        })]);
}

fn floats(scene: &mut Scene, buffer: u32, size: u32) -> Vec<f32> {
    let bytes = scene
        .guest
        .get(buffer, &common::whole([size, 1, 1]), size as usize);
    let words = bytes.as_chunks::<4>().0.iter();
    words.map(|word| f32::from_le_bytes(*word)).collect()
}

const UNTOUCHED: f32 = f32::from_bits(0xeeee_eeee);

#[test]
fn vertices_stream_out_and_are_drawn_again() {
    for renderer in both() {
        let mut scene = Scene::new(renderer, WHOLE);
        scene.clear();
        scene.color([0.0, 0.0, 1.0, 1.0]);
        streaming_shader(
            &mut scene,
            StreamOutput {
                strides: [4, 0, 0, 0],
                outputs: vec![output(0, 4, 0, 0)],
            },
        );
        let (buffer, id) = target(&mut scene, 7 * 16);
        set(&mut scene, &[id]);
        let triangles = Draw {
            mode: PrimitiveMode::Triangles,
            count: 3,
            ..DRAW
        };
        scene.guest.run(&[draw(triangles)]);
        // A second draw goes on behind the first; a third has no room for a triangle.
        let more = Draw {
            start: 1,
            ..triangles
        };
        scene.guest.run(&[draw(more), draw(triangles)]);
        set(&mut scene, &[]);
        let streamed = floats(&mut scene, buffer, 7 * 16);
        let vertex = |at: usize| {
            let [x, y, z, w] = WHOLE[at];
            [x / 2.0, y / 2.0, z / 2.0, w]
        };
        let expected: Vec<_> = [0, 1, 2, 1, 2, 3].into_iter().flat_map(vertex).collect();
        let (written, rest) = streamed.split_at(24);
        assert_eq!(written, expected);
        assert!(
            rest.iter()
                .all(|word| word.to_bits() == UNTOUCHED.to_bits())
        );
        draw_again(&mut scene, buffer);
    }
}

/// The middle half, of as many vertices as were streamed.
fn draw_again(scene: &mut Scene, buffer: u32) {
    scene.clear();
    scene.color([0.0, 1.0, 0.0, 1.0]);
    scene.shader(ShaderStage::Vertex, common::scene::POSITION);
    let buffers = vec![VertexBuffer {
        stride: 16,
        offset: 0,
        resource: Some(resource(buffer)),
    }];
    scene.guest.run(&[Command::SetVertexBuffers(buffers)]);
    let again = draw(Draw {
        mode: PrimitiveMode::Triangles,
        count: 0,
        count_from_streamout: buffer,
        ..DRAW
    });
    scene.guest.run(&[again]);
    let mut expected = ["........"; 8];
    expected[2..6].fill("..gggg..");
    assert_eq!(scene.picture(), expected);
}

#[test]
fn outputs_go_to_buffers_of_their_own_with_gaps() {
    let mut scene = Scene::new(core(), WHOLE);
    streaming_shader(
        &mut scene,
        StreamOutput {
            strides: [6, 2, 0, 0],
            outputs: vec![output(0, 4, 0, 0), output(1, 1, 0, 5), output(1, 2, 1, 0)],
        },
    );
    let (first, one) = target(&mut scene, 6 * 4 * 4);
    let (second, two) = target(&mut scene, 2 * 4 * 4);
    set(&mut scene, &[one, two]);
    scene.guest.run(&[draw(Draw {
        mode: PrimitiveMode::Points,
        ..DRAW
    })]);
    set(&mut scene, &[]);
    let (first, second) = (
        floats(&mut scene, first, 96),
        floats(&mut scene, second, 32),
    );
    for (at, [x, y, z, w]) in WHOLE.into_iter().enumerate() {
        let vertex = &first[at * 6..][..6];
        assert_eq!(vertex[..4], [x / 2.0, y / 2.0, z / 2.0, w]);
        assert_eq!(vertex[4].to_bits(), UNTOUCHED.to_bits());
        assert_eq!(vertex[5], x);
        assert_eq!(second[at * 2..][..2], [x, y]);
    }
}

#[test]
fn streaming_goes_on_where_it_was_and_new_targets_begin_anew() {
    let mut scene = Scene::new(core(), WHOLE);
    streaming_shader(
        &mut scene,
        StreamOutput {
            strides: [1, 0, 0, 0],
            outputs: vec![output(1, 1, 0, 0)],
        },
    );
    let points = |start, count| {
        draw(Draw {
            mode: PrimitiveMode::Points,
            start,
            count,
            ..DRAW
        })
    };
    let (buffer, one) = target(&mut scene, 32);
    set(&mut scene, &[one]);
    scene.guest.run(&[points(0, 2)]);
    set(&mut scene, &[]);
    scene.guest.run(&[points(0, 4)]);
    set(&mut scene, &[one]);
    scene.guest.run(&[points(1, 1)]);
    set(&mut scene, &[]);
    let streamed = floats(&mut scene, buffer, 32);
    assert_eq!(streamed[..3], [-1.0, 1.0, 1.0]);
    assert_eq!(streamed[3].to_bits(), UNTOUCHED.to_bits());
    let anew = scene.make(Object::StreamoutTarget(StreamoutTarget {
        resource: resource(buffer),
        offset: 4,
        size: 28,
    }));
    set(&mut scene, &[anew]);
    scene.guest.run(&[points(0, 1)]);
    set(&mut scene, &[]);
    assert_eq!(floats(&mut scene, buffer, 32)[..3], [-1.0, -1.0, 1.0]);
}

#[test]
fn what_streams_out_is_counted_and_so_is_what_does_not_fit() {
    let mut scene = Scene::new(core(), WHOLE);
    streaming_shader(
        &mut scene,
        StreamOutput {
            strides: [4, 0, 0, 0],
            outputs: vec![output(0, 4, 0, 0)],
        },
    );
    let (_, id) = target(&mut scene, 2 * 16);
    set(&mut scene, &[id]);
    let kinds = [
        (QueryType::PrimitivesGenerated, 4),
        (QueryType::PrimitivesEmitted, 2),
        (QueryType::StreamoutOverflowPredicate, 1),
        (QueryType::StreamoutOverflowAnyPredicate, 1),
    ];
    let mut asked = Vec::new();
    for (query_type, expected) in kinds {
        let memory = scene.guest.buffer(16, BindFlags::CUSTOM);
        let query = Object::Query(Query {
            query_type,
            index: 0,
            offset: 0,
            resource: resource(memory.id),
        });
        let id = scene.guest.object();
        if scene.guest.failures(&[Command::CreateObject(id, query)]) > 0 {
            println!("not on this host: {query_type:?}");
            continue;
        }
        scene.guest.run(&[Command::BeginQuery(id)]);
        asked.push((id, query_type, expected, memory));
    }
    assert!(asked.len() >= 2);
    scene.guest.run(&[draw(Draw {
        mode: PrimitiveMode::Points,
        ..DRAW
    })]);
    for (query, kind, expected, memory) in asked {
        let wish = GetQueryResult { query, wait: true };
        scene
            .guest
            .run(&[Command::EndQuery(query), Command::GetQueryResult(wish)]);
        let mut bytes = [0; 8];
        memory.shm.read(8, &mut bytes).unwrap();
        assert_eq!(u64::from_le_bytes(bytes), expected, "{kind:?}");
        let buffer = scene.guest.buffer(16, BindFlags::QUERY_BUFFER).id;
        let wish = |result_type, offset| {
            Command::GetQueryResultQbo(GetQueryResultQbo {
                query,
                buffer: resource(buffer),
                wait: true,
                result_type,
                offset,
                index: 0,
            })
        };
        scene
            .guest
            .run(&[wish(QueryResultType::U32, 0), wish(QueryResultType::U64, 8)]);
        let bytes = scene.guest.get(buffer, &common::whole([16, 1, 1]), 16);
        let narrow = u32::from_le_bytes(bytes[..4].try_into().unwrap());
        let wide = u64::from_le_bytes(bytes[8..].try_into().unwrap());
        assert_eq!((narrow.into(), wide), (expected, expected), "{kind:?}");
    }
}

#[test]
fn targets_that_are_none_are_refused() {
    let mut scene = Scene::new(core(), WHOLE);
    let texture = scene.target;
    let buffer = scene.guest.buffer(16, BindFlags::STREAM_OUTPUT).id;
    for (id, offset) in [(texture, 0), (buffer, 17), (9999, 0)] {
        let object = scene.guest.object();
        let target = Object::StreamoutTarget(StreamoutTarget {
            resource: resource(id),
            offset,
            size: 16,
        });
        assert_eq!(
            scene
                .guest
                .failures(&[Command::CreateObject(object, target)]),
            1
        );
    }
    let unknown = StreamoutTargets {
        append: 0,
        targets: vec![ObjectId::new(7777)],
    };
    let nothing = draw(Draw {
        count_from_streamout: buffer,
        ..DRAW
    });
    assert_eq!(
        scene
            .guest
            .failures(&[Command::SetStreamoutTargets(unknown), nothing]),
        2
    );
}
