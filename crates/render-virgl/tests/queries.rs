//! Queries: what they count, where the results go, and drawing on a condition.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{DRAW, QUARTER, SIZE, Scene, WHOLE, draw};
use common::{Memory, both, core, resource};
use render_virgl::Renderer;
use wire_virgl::{
    BindFlags, Command, ConditionBit, Draw, GetQueryResult, GetQueryResultQbo, Object, ObjectId,
    PrimitiveMode, Query, QueryResultType, QueryType, RenderCondition, RenderConditionMode,
};

/// A query, and the memory of 16 bytes where its result goes.
struct Asked {
    id: ObjectId,
    memory: Memory,
}

fn ask(scene: &mut Scene, query_type: QueryType, index: u16) -> Asked {
    let memory = scene.guest.buffer(16, BindFlags::CUSTOM);
    let id = scene.make(Object::Query(Query {
        query_type,
        index,
        offset: 0,
        resource: resource(memory.id),
    }));
    Asked { id, memory }
}

/// What a query counts of `drawn`.
fn count(
    scene: &mut Scene,
    (kind, index): (QueryType, u16),
    drawn: impl FnOnce(&mut Scene),
) -> u64 {
    let asked = ask(scene, kind, index);
    scene.guest.run(&[Command::BeginQuery(asked.id)]);
    drawn(scene);
    scene.guest.run(&[Command::EndQuery(asked.id)]);
    result(scene, &asked)
}

fn result(scene: &mut Scene, asked: &Asked) -> u64 {
    let wish = GetQueryResult {
        query: asked.id,
        wait: true,
    };
    scene.guest.run(&[Command::GetQueryResult(wish)]);
    let mut bytes = [0; 16];
    asked.memory.shm.read(0, &mut bytes).unwrap();
    // The guest's memory and the resource's own are the same.
    let own = scene
        .guest
        .get(asked.memory.id, &common::whole([16, 1, 1]), 16);
    assert_eq!(own, bytes);
    let [state, size, low, high] =
        [0, 4, 8, 12].map(|at| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()));
    assert_eq!(state, 1, "done");
    assert!(size == 4 || size == 8);
    u64::from(high) << 32 | u64::from(low)
}

fn scene(renderer: &Renderer) -> Scene {
    let mut scene = Scene::new(renderer, QUARTER);
    scene.clear();
    scene.color([0.0, 1.0, 0.0, 1.0]);
    scene
}

const PIXELS: u64 = (SIZE * SIZE / 4) as u64;

#[test]
fn occlusion_queries_count_samples_or_tell_that_there_are_any() {
    use QueryType as Q;
    for renderer in both() {
        let mut scene = scene(renderer);
        let is_core = std::ptr::eq(renderer, core());
        let all = count(&mut scene, (Q::OcclusionCounter, 0), Scene::draw);
        // OpenGL ES tells only whether there are any.
        assert_eq!(all, if is_core { PIXELS } else { 1 });
        let none = |scene: &mut Scene| {
            let nothing = Draw { count: 2, ..DRAW };
            scene.guest.run(&[draw(nothing)]);
        };
        assert_eq!(count(&mut scene, (Q::OcclusionCounter, 0), none), 0);
        for kind in [Q::OcclusionPredicate, Q::OcclusionPredicateConservative] {
            assert_eq!(count(&mut scene, (kind, 0), Scene::draw), 1, "{kind:?}");
            assert_eq!(count(&mut scene, (kind, 0), none), 0, "{kind:?}");
        }
        // A query that is used again forgets.
        let asked = ask(&mut scene, Q::OcclusionPredicate, 0);
        for (drawn, expected) in [(true, 1), (false, 0), (true, 1)] {
            scene.guest.run(&[Command::BeginQuery(asked.id)]);
            if drawn {
                scene.draw();
            }
            scene.guest.run(&[Command::EndQuery(asked.id)]);
            assert_eq!(result(&mut scene, &asked), expected);
        }
    }
}

#[test]
fn primitives_and_the_pipelines_counters_count() {
    use QueryType as Q;
    let mut scene = scene(core());
    let generated = count(&mut scene, (Q::PrimitivesGenerated, 0), Scene::draw);
    assert_eq!(generated, 2);
    let triangles = |scene: &mut Scene| {
        scene.guest.run(&[draw(Draw {
            mode: PrimitiveMode::Triangles,
            count: 3,
            instance_count: 5,
            ..DRAW
        })]);
    };
    assert_eq!(count(&mut scene, (Q::PrimitivesGenerated, 0), triangles), 5);
    // By `enum virgl_statistics_query_index`.
    for (index, expected) in [(0, 4), (1, 2), (2, 4), (3, 0), (7, PIXELS), (10, 0)] {
        let counted = count(&mut scene, (Q::PipelineStatistics, index), Scene::draw);
        match index {
            // Drivers may shade more, and vertices more than once or from a cache.
            2 | 7 => assert!(
                counted >= 3 && counted <= 4 * expected,
                "{index}: {counted}"
            ),
            _ => assert_eq!(counted, expected, "{index}"),
        }
    }
}

#[test]
fn time_passes() {
    use QueryType as Q;
    let mut scene = scene(core());
    let stamp = |scene: &mut Scene| {
        let asked = ask(scene, Q::Timestamp, 0);
        scene.guest.run(&[Command::EndQuery(asked.id)]);
        result(scene, &asked)
    };
    let before = stamp(&mut scene);
    let elapsed = count(&mut scene, (Q::TimeElapsed, 0), |scene| {
        for _ in 0..50 {
            scene.draw();
        }
    });
    let after = stamp(&mut scene);
    // Nanoseconds.
    assert!(before > 0 && before < after, "{before} {after}");
    assert!(elapsed > 0 && elapsed <= after - before, "{elapsed}");
    assert!(elapsed < 60_000_000_000);
}

#[test]
fn results_go_into_buffers() {
    let mut scene = scene(core());
    let asked = ask(&mut scene, QueryType::OcclusionCounter, 0);
    let buffer = scene.guest.buffer(64, BindFlags::QUERY_BUFFER).id;
    scene.guest.run(&[Command::BeginQuery(asked.id)]);
    scene.draw();
    scene.guest.run(&[Command::EndQuery(asked.id)]);
    let wish = |result_type, offset, index| GetQueryResultQbo {
        query: asked.id,
        buffer: resource(buffer),
        wait: true,
        result_type,
        offset,
        index,
    };
    scene
        .guest
        .put(buffer, &common::whole([64, 1, 1]), &[0xee; 64]);
    scene.guest.run(&[
        Command::GetQueryResultQbo(wish(QueryResultType::U32, 4, 0)),
        Command::GetQueryResultQbo(wish(QueryResultType::U64, 16, 0)),
        Command::GetQueryResultQbo(wish(QueryResultType::U32, 40, -1)),
    ]);
    let bytes = scene.guest.get(buffer, &common::whole([64, 1, 1]), 64);
    let mut expected = [0xee; 64];
    expected[4..8].copy_from_slice(&(PIXELS as u32).to_le_bytes());
    expected[16..24].copy_from_slice(&PIXELS.to_le_bytes());
    expected[40..44].copy_from_slice(&1u32.to_le_bytes());
    assert_eq!(bytes, expected);
    // Not past the buffer's end, nor into what is none.
    for (kind, offset) in [
        (QueryResultType::U32, 61),
        (QueryResultType::U64, 60),
        (QueryResultType::U64, u32::MAX),
    ] {
        let wish = Command::GetQueryResultQbo(wish(kind, offset, 0));
        assert_eq!(scene.guest.failures(&[wish]), 1);
    }
    let texture = GetQueryResultQbo {
        buffer: resource(scene.target),
        ..wish(QueryResultType::U32, 0, 0)
    };
    assert_eq!(
        scene.guest.failures(&[Command::GetQueryResultQbo(texture)]),
        1
    );
}

#[test]
fn results_outside_of_their_memory_are_refused() {
    let mut scene = scene(core());
    let memory = scene.guest.buffer(16, BindFlags::CUSTOM);
    memory.shm.write(0, &[0xee; 16]).unwrap();
    for offset in [1, 8, 16, u32::MAX] {
        let id = scene.make(Object::Query(Query {
            query_type: QueryType::OcclusionCounter,
            index: 0,
            offset,
            resource: resource(memory.id),
        }));
        let wish = GetQueryResult {
            query: id,
            wait: true,
        };
        let commands = [
            Command::BeginQuery(id),
            Command::EndQuery(id),
            Command::GetQueryResult(wish),
        ];
        assert_eq!(scene.guest.failures(&commands), 1, "{offset}");
    }
    let mut bytes = [0; 16];
    memory.shm.read(0, &mut bytes).unwrap();
    assert_eq!(bytes[..4], [0xee; 4], "it is not told to be there");
}

#[test]
fn draws_happen_on_a_condition() {
    let mut scene = Scene::new(core(), WHOLE);
    let asked = ask(&mut scene, QueryType::OcclusionPredicate, 0);
    for (passes, inverted, expected) in [
        (true, false, "gggggggg"),
        (false, false, "........"),
        (true, true, "........"),
        (false, true, "gggggggg"),
    ] {
        scene.guest.run(&[Command::BeginQuery(asked.id)]);
        scene.color([1.0, 0.0, 0.0, 1.0]);
        if passes {
            scene.draw();
        }
        scene.guest.run(&[Command::EndQuery(asked.id)]);
        scene.clear();
        let condition = |query| {
            Command::SetRenderCondition(RenderCondition {
                query,
                condition: ConditionBit(inverted),
                mode: RenderConditionMode::Wait,
            })
        };
        scene.guest.run(&[condition(Some(asked.id))]);
        scene.color([0.0, 1.0, 0.0, 1.0]);
        scene.draw();
        let picture = scene.picture();
        assert_eq!(picture, [expected; 8], "{passes} {inverted}");
        scene.guest.run(&[condition(None)]);
        scene.color([0.0, 0.0, 1.0, 1.0]);
        scene.draw();
        assert_eq!(scene.picture(), ["bbbbbbbb"; 8], "no condition any more");
    }
    let unknown = RenderCondition {
        query: ObjectId::new(4242),
        condition: ConditionBit(false),
        mode: RenderConditionMode::NoWait,
    };
    assert_eq!(
        scene
            .guest
            .failures(&[Command::SetRenderCondition(unknown)]),
        1
    );
}
