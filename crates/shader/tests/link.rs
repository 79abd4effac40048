//! Stages that know of each other make a program, whichever they are.

use shader::back::glsl::{
    Error, Extensions, Interface, Key, Neighbor, Program, Target, Version,
    passthrough_tess_control, write,
};
use shader::front::tgsi::parse;
use shader::ir::Stage;
use shader::valid::Valid;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

mod glslang;
use glslang::link_complaint;

/// The corpus by the stage's spelling.
fn corpus() -> BTreeMap<Stage, Vec<(String, Valid)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut shaders = BTreeMap::<_, Vec<_>>::new();
    for entry in fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().expect("it has a name").to_string_lossy();
        let text = fs::read_to_string(&path).expect("it is text");
        let parsed = parse(&text).expect("it is TGSI");
        let valid = Valid::new(parsed.shader).expect("it keeps the rules");
        let of_stage = shaders.entry(valid.shader().stage).or_default();
        of_stage.push((name.into_owned(), valid));
    }
    for shaders in shaders.values_mut() {
        shaders.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    shaders
}

fn target() -> Target {
    let mut target = Target::new(Version::Desktop(460)).expect("there is such a version");
    target.extensions = Extensions::all();
    target
}

/// The texts of stages in their order, each with the others as neighbours.
fn program(stages: &[&Valid], target: &Target) -> Result<Vec<Program>, Error> {
    let interfaces: Vec<_> = stages.iter().map(|valid| Interface::new(valid)).collect();
    let neighbor = |place: Option<usize>, side: fn(&Interface) -> Neighbor| {
        place.and_then(|place| interfaces.get(place)).map(side)
    };
    let mut counters = [0; 8];
    for one in interfaces.iter().flat_map(|interface| &interface.counters) {
        let length = &mut counters[usize::from(one.buffer)];
        *length = one.length.max(*length);
    }
    let programs = stages.iter().enumerate().map(|(place, valid)| {
        let key = Key {
            previous: neighbor(place.checked_sub(1), |one| one.outputs.clone()),
            next: neighbor(place.checked_add(1), |one| one.inputs.clone()),
            counters,
            ..Key::default()
        };
        write(valid, target, &key)
    });
    programs.collect()
}

fn links(named: &[&(String, Valid)]) {
    let stages: Vec<_> = named.iter().map(|(_, valid)| valid).collect();
    let programs = program(&stages, &target()).unwrap_or_else(|error| panic!("{error}"));
    if let Some(said) = link_complaint(&programs) {
        let names: Vec<_> = named.iter().map(|(name, _)| name.as_str()).collect();
        panic!("{}: {said}", names.join(" "));
    }
}

#[test]
fn any_vertex_shader_goes_with_any_fragment_shader() {
    let corpus = corpus();
    let (Some(vertex), Some(fragment)) = (corpus.get(&Stage::Vertex), corpus.get(&Stage::Fragment))
    else {
        panic!("there are both");
    };
    for (number, one) in vertex.iter().enumerate() {
        for (place, other) in fragment.iter().enumerate() {
            // Each of them goes with some of the others; all are too many for a test.
            if (number + place) % 12 == 0 {
                links(&[one, other]);
            }
        }
    }
}

#[test]
fn all_five_stages_go_together() {
    let corpus = corpus();
    let of = |stage| corpus.get(&stage).map_or(&[][..], Vec::as_slice);
    let (vertex, fragment) = (of(Stage::Vertex), of(Stage::Fragment));
    let mut number = 0;
    for control in of(Stage::TessControl) {
        for evaluation in of(Stage::TessEvaluation) {
            for geometry in of(Stage::Geometry) {
                number += 1;
                // As above.
                if number % 12 != 0 {
                    continue;
                }
                let first = &vertex[number % vertex.len()];
                let last = &fragment[number % fragment.len()];
                links(&[first, control, evaluation, geometry, last]);
                links(&[first, control, evaluation, last]);
                links(&[first, geometry, last]);
            }
        }
    }
    assert!(number > 100, "{number} programs");
}

/// What OpenGL ES has at all links there, too, with a control shader of ours where the guest
/// has none.
#[test]
fn stages_link_on_opengl_es() {
    let corpus = corpus();
    let mut es = Target::new(Version::Es(320)).expect("there is such a version");
    es.extensions = Extensions::EXT_TESSELLATION_POINT_SIZE | Extensions::EXT_GEOMETRY_POINT_SIZE;
    let of = |stage: Stage| -> Vec<&(String, Valid)> {
        let shaders = corpus.get(&stage).map_or(&[][..], Vec::as_slice);
        let can_be = |one: &&(String, Valid)| write(&one.1, &es, &Key::default()).is_ok();
        shaders.iter().filter(can_be).collect()
    };
    let (vertex, fragment) = (of(Stage::Vertex), of(Stage::Fragment));
    let (control, geometry) = (of(Stage::TessControl), of(Stage::Geometry));
    let evaluation = of(Stage::TessEvaluation);
    let mut linked = 0;
    for number in 0..12 {
        let (_, first) = vertex[number % vertex.len()];
        let (_, last) = fragment[number % fragment.len()];
        let (_, control) = control[number % control.len()];
        let (_, geometry) = geometry[number % geometry.len()];
        let (name, evaluation) = evaluation[number % evaluation.len()];
        for stages in [
            vec![first, control, evaluation, last],
            vec![first, control, evaluation, geometry, last],
            vec![first, geometry, last],
        ] {
            if let Ok(programs) = program(&stages, &es) {
                assert_eq!(link_complaint(&programs), None, "{name}");
                linked += 1;
            }
        }
        if let Ok(programs) = without_control(first, evaluation, last, &es) {
            assert_eq!(link_complaint(&programs), None, "{name}");
            linked += 1;
        }
    }
    assert!(linked > 40, "{linked} programs");
}

fn without_control(
    vertex: &Valid,
    evaluation: &Valid,
    fragment: &Valid,
    target: &Target,
) -> Result<Vec<Program>, Error> {
    let outputs = Interface::new(vertex).outputs;
    let between = Interface::new(evaluation);
    let inputs = Interface::new(fragment).inputs;
    let as_control = |neighbor: &Neighbor| Neighbor {
        stage: Stage::TessControl,
        ..neighbor.clone()
    };
    let key = |previous: Option<Neighbor>, next: Option<Neighbor>| Key {
        previous,
        next,
        ..Key::default()
    };
    let through = key(Some(outputs.clone()), Some(between.inputs.clone()));
    Ok(vec![
        write(
            vertex,
            target,
            &key(None, Some(as_control(&between.inputs))),
        )?,
        passthrough_tess_control(target, &through, 3)?,
        write(
            evaluation,
            target,
            &key(Some(as_control(&outputs)), Some(inputs)),
        )?,
        write(fragment, target, &key(Some(between.outputs), None))?,
    ])
}

/// Extensions change what a vertex holds without a word, and not all stages name them.
#[test]
fn stages_say_what_a_vertex_holds_on_opengl_es() {
    let corpus = corpus();
    let mut es = Target::new(Version::Es(320)).expect("there is such a version");
    es.extensions = Extensions::EXT_TESSELLATION_POINT_SIZE;
    let mut stages = Vec::new();
    for stage in [
        Stage::Vertex,
        Stage::TessControl,
        Stage::TessEvaluation,
        Stage::Fragment,
    ] {
        let of_stage = corpus.get(&stage).map_or(&[][..], Vec::as_slice);
        let can_be = |one: &&(String, Valid)| write(&one.1, &es, &Key::default()).is_ok();
        let (_, valid) = of_stage.iter().find(can_be).expect("one can be written");
        stages.push(valid);
    }
    let programs = program(&stages, &es).expect("they can be written");
    let block = "gl_PerVertex { highp vec4 gl_Position; }";
    let expected = [
        vec![format!("out {block};")],
        vec![
            format!("in {block} gl_in[];"),
            format!("out {block} gl_out[];"),
        ],
        vec![format!("in {block} gl_in[];")],
        vec![],
    ];
    for (program, expected) in programs.iter().zip(expected) {
        let lines = program.text.lines();
        let found: Vec<_> = lines.filter(|line| line.contains("gl_PerVertex")).collect();
        assert_eq!(found, expected, "{}", program.text);
    }
}
