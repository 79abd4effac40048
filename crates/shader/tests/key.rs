//! What each part of the key does to a text.

use shader::back::glsl::{
    Bindings, Capture, ColorBuffer, Compared, Comparison, Extensions, Interface, Key, Linked,
    Neighbor, Numbers, PointSprite, Program, StreamOutput, Swizzle, Target, Version, write,
};
use shader::front::tgsi::parse;
use shader::ir::{Interpolation, Location, Semantic, Stage};
use shader::valid::Valid;
use std::fmt::Write as _;

mod glslang;
use glslang::{complaint, link_complaint};

const VERTEX: &str = "VERT\nDCL IN[0]\nDCL IN[1]\nDCL OUT[0], POSITION\nDCL OUT[1], COLOR[0]\n\
    DCL OUT[2], BCOLOR[0]\nDCL OUT[3], GENERIC[0]\nDCL OUT[4].xy, GENERIC[1]\n\
    DCL OUT[5], CLIPVERTEX\nDCL OUT[6].xyz, GENERIC[2]\nDCL CONST[0..3]\nMUL OUT[0], IN[0], \
    CONST[ADDR[0].x]\nMOV OUT[1], IN[1]\nMOV OUT[2], IN[1].wzyx\nMOV OUT[3], IN[0]\nMOV OUT[4].xy, \
    IN[0]\nMOV OUT[5], IN[0]\nMOV OUT[6].xyz, IN[1]\nEND\n";
const FRAGMENT: &str = "FRAG\nPROPERTY FS_COLOR0_WRITES_ALL_CBUFS 1\nDCL IN[0], COLOR, COLOR\n\
    DCL IN[1], GENERIC[0], PERSPECTIVE\nDCL IN[2], GENERIC[1], CONSTANT\n\
    DCL IN[3], POSITION, LINEAR\nDCL IN[4], TEXCOORD[2], PERSPECTIVE\nDCL OUT[0], COLOR\n\
    DCL CONST[0]\nDCL SAMP[0]\nDCL TEMP[0]\nTEX TEMP[0], IN[1], SAMP[0], 2D\n\
    ADD TEMP[0], TEMP[0], IN[0]\nADD TEMP[0], TEMP[0], IN[2]\nADD TEMP[0], TEMP[0], IN[3]\n\
    ADD TEMP[0], TEMP[0], IN[4]\nADD OUT[0], TEMP[0], CONST[0]\nEND\n";
const GEOMETRY: &str = "GEOM\nPROPERTY GS_INPUT_PRIMITIVE POINTS\n\
    PROPERTY GS_OUTPUT_PRIMITIVE POINTS\nPROPERTY GS_MAX_OUTPUT_VERTICES 2\nDCL IN[][0], POSITION\n\
    DCL IN[][1], GENERIC[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n\
    DCL OUT[2], GENERIC[1], STREAM(1, 1, 1, 1)\nIMM[0] UINT32 {0, 1, 0, 0}\nMOV OUT[0], IN[0][0]\n\
    MOV OUT[1], IN[0][1]\nEMIT IMM[0].xxxx\nMOV OUT[2], IN[0][1]\nEMIT IMM[0].yyyy\nEND\n";

fn valid(text: &str) -> Valid {
    let text = text.replace("DCL CONST[0..3]\n", "DCL CONST[0..3]\nDCL ADDR[0]\n");
    let parsed = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Valid::new(parsed.shader).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn desktop() -> Target {
    let mut target = Target::new(Version::Desktop(460)).expect("there is such a version");
    target.extensions = Extensions::all();
    target
}

fn written(text: &str, target: &Target, key: &Key) -> Program {
    let program = write(&valid(text), target, key).expect("it can be written");
    if let Some(said) = complaint(program.stage, &program.text) {
        panic!("{said}");
    }
    program
}

/// The lines that are in the text with this key and not in that with the default.
fn added(text: &str, target: &Target, key: &Key) -> String {
    let plain = write(&valid(text), target, &Key::default()).expect("it can be written");
    let plain = plain.text;
    let program = written(text, target, key);
    let lines = program.text.lines();
    let new = lines.filter(|line| !plain.lines().any(|known| known == *line));
    let mut said: String = new.map(|line| format!("    {line}\n")).collect();
    if program.uniforms != Default::default() {
        let _ = writeln!(said, "    {:?}", program.uniforms);
    }
    if !program.feedback.is_empty() {
        let _ = writeln!(said, "    captured: {}", program.feedback.join(" "));
    }
    said
}

fn linked(semantic: Semantic, number: u16, interpolation: Interpolation) -> Linked {
    Linked {
        semantic,
        number,
        interpolation: Some(interpolation),
        location: Location::Center,
    }
}

fn neighbor(stage: Stage, varyings: &[Linked]) -> Option<Neighbor> {
    Some(Neighbor {
        stage,
        varyings: varyings.into(),
    })
}

macro_rules! keys {
    ($($name:literal => { $($field:ident: $value:expr),* $(,)? },)*) => {
        vec![$(($name, Key { $($field: $value,)* ..Key::default() })),*]
    };
}

fn snapshot(name: &str, text: &str, keys: Vec<(&str, Key)>) {
    let mut said = String::new();
    for (what, key) in keys {
        let _ = write!(said, "{what}\n{}", added(text, &desktop(), &key));
    }
    insta::assert_snapshot!(name, said);
}

#[test]
fn a_vertex_shader_follows_the_key() {
    let fragment = [
        linked(Semantic::Color, 0, Interpolation::Color),
        linked(Semantic::Generic, 0, Interpolation::Linear),
        linked(Semantic::Generic, 1, Interpolation::Constant),
    ];
    let keys = keys! {
        "bindings" => { bindings: Bindings { constants: 5, ..Bindings::default() } },
        "plain constants" => { plain_constants: true },
        "the next stage" => { next: neighbor(Stage::Fragment, &fragment) },
        "the next stage, flat" => { next: neighbor(Stage::Fragment, &fragment), flat: true },
        "the next stage is geometry" => { next: neighbor(Stage::Geometry, &fragment) },
        "attributes" => { attributes: {
            let mut attributes = [Numbers::Uint; 32];
            attributes[1] = Numbers::Int;
            attributes
        } },
        "other way up" => { scale_y: true },
        "depth from zero" => { halve_z: true },
        "clip planes" => { clip_planes: 3 },
        "point size" => { point_size: true },
        "clamped colours" => { clamp_vertex_color: true },
    };
    snapshot("vertex", VERTEX, keys);
}

#[test]
fn a_fragment_shader_follows_the_key() {
    let vertex = [
        linked(Semantic::Color, 0, Interpolation::Color),
        linked(Semantic::Generic, 1, Interpolation::Constant),
    ];
    let swizzled = |swizzle, numbers, encode_srgb| ColorBuffer {
        numbers,
        swizzle,
        encode_srgb,
    };
    use Swizzle::{One, W, X, Y, Z, Zero};
    let keys = keys! {
        "bindings" => { bindings: Bindings { constants: 5, samplers: 8, ..Bindings::default() } },
        "the previous stage" => { previous: neighbor(Stage::Geometry, &vertex) },
        "flat" => { flat: true },
        "two-sided" => { two_sided: true },
        "two-sided without a back" => {
            two_sided: true, previous: neighbor(Stage::Vertex, &vertex)
        },
        "the other corner" => { flip_origin: true },
        "alpha test" => { alpha_test: Some(Comparison::GreaterOrEqual) },
        "alpha test that fails" => { alpha_test: Some(Comparison::Never) },
        "alpha test that passes" => { alpha_test: Some(Comparison::Always) },
        "stipple" => { polygon_stipple: true },
        "point sprite" => {
            point_sprite: PointSprite { replaced: 1, texcoord: false, flip: false }
        },
        "point sprite by texture coordinate" => {
            point_sprite: PointSprite { replaced: 4, texcoord: true, flip: true }
        },
        "clamped colours" => { clamp_fragment_color: true },
        "two colour buffers" => { color_buffers: 2 },
        "two sources" => { dual_source: true },
        "alpha in red" => {
            colors: [swizzled([W, Zero, One, Zero], Numbers::Float, false); 8]
        },
        "encoded, blue first" => { colors: [swizzled([Z, Y, X, W], Numbers::Float, true); 8] },
        "integers" => { colors: [swizzled([X, Y, Z, W], Numbers::Int, false); 8] },
    };
    snapshot("fragment", FRAGMENT, keys);
}

fn capture(register: u16, first: u8, components: u8, buffer: u8, offset: u16) -> Capture {
    Capture {
        register,
        first,
        components,
        buffer,
        offset,
        stream: 0,
    }
}

fn captures(strides: [u16; 4], captures: &[Capture]) -> StreamOutput {
    StreamOutput {
        strides,
        captures: captures.to_vec(),
    }
}

#[test]
fn outputs_are_captured_whole_or_in_part() {
    let whole = [
        capture(3, 0, 4, 0, 0),
        capture(0, 0, 4, 0, 4),
        capture(3, 0, 4, 0, 9),
    ];
    let parts = [
        capture(4, 0, 2, 2, 0),
        capture(6, 1, 1, 0, 2),
        capture(0, 3, 1, 0, 6),
    ];
    let keys = keys! {
        "whole" => { stream_output: captures([13, 0, 0, 0], &whole) },
        "whole, the other way up" => {
            stream_output: captures([13, 0, 0, 0], &whole), scale_y: true
        },
        "parts of two buffers" => { stream_output: captures([9, 5, 4, 0], &parts) },
        "what the next stage does not take" => {
            stream_output: captures([13, 0, 0, 0], &whole),
            next: neighbor(Stage::Fragment, &[]),
        },
    };
    snapshot("captures", VERTEX, keys);
    let of_streams = [
        capture(1, 0, 4, 0, 0),
        Capture {
            stream: 1,
            ..capture(2, 0, 4, 1, 0)
        },
    ];
    let keys = keys! {
        "streams" => { stream_output: captures([4, 4, 0, 0], &of_streams) },
    };
    snapshot("captures-of-streams", GEOMETRY, keys);
}

#[test]
fn captures_that_cannot_be_are_refused() {
    let wrong = [
        captures([4, 0, 0, 0], &[capture(9, 0, 4, 0, 0)]),
        captures([4, 0, 0, 0], &[capture(3, 2, 3, 0, 0)]),
        captures([4, 0, 0, 0], &[capture(3, 0, 0, 0, 0)]),
        captures([4, 0, 0, 0], &[capture(3, 0, 4, 4, 0)]),
        captures(
            [8, 0, 0, 0],
            &[capture(3, 0, 4, 0, 0), capture(0, 0, 4, 0, 3)],
        ),
        captures([513, 0, 0, 0], &[capture(3, 0, 4, 0, 0)]),
        captures([4, 0, 0, 0], &[capture(3, 0, 4, 0, u16::MAX)]),
        captures([4, 0, 0, 0], &[capture(3, 0, 1, 0, 0); 65]),
        captures(
            [4, 0, 0, 0],
            &[Capture {
                stream: 1,
                ..capture(3, 0, 1, 0, 0)
            }],
        ),
    ];
    for stream_output in wrong {
        let key = Key {
            stream_output,
            ..Key::default()
        };
        write(&valid(VERTEX), &desktop(), &key).expect_err("it cannot be captured");
    }
}

/// Stages agree when each knows the other, in both languages.
#[test]
fn stages_that_know_of_each_other_link() {
    let (vertex, geometry) = (valid(VERTEX), valid(GEOMETRY));
    let fragment = valid(FRAGMENT);
    let outputs = Interface::new(&vertex).outputs;
    let through = Interface::new(&geometry);
    let inputs = Interface::new(&fragment).inputs;
    let es = Target::new(Version::Es(320)).expect("there is such a version");
    for target in [desktop(), es] {
        let with = |previous: Option<&Neighbor>, next: Option<&Neighbor>, flat| Key {
            previous: previous.cloned(),
            next: next.cloned(),
            flat,
            two_sided: true,
            ..Key::default()
        };
        for flat in [false, true] {
            let programs = [
                write(&vertex, &target, &with(None, Some(&inputs), flat)),
                write(&fragment, &target, &with(Some(&outputs), None, flat)),
            ];
            let programs = programs.map(|program| program.expect("it can be written"));
            assert_eq!(link_complaint(&programs), None);
        }
        if target == es {
            continue;
        }
        let programs = [
            write(&vertex, &target, &with(None, Some(&through.inputs), false)),
            write(
                &geometry,
                &target,
                &with(Some(&outputs), Some(&inputs), false),
            ),
            write(
                &fragment,
                &target,
                &with(Some(&through.outputs), None, false),
            ),
        ];
        let programs = programs.map(|program| program.expect("it can be written"));
        assert_eq!(link_complaint(&programs), None);
    }
}

#[test]
fn opengl_es_turns_the_coordinate_by_a_uniform() {
    let es = Target::new(Version::Es(310)).expect("there is such a version");
    let upper = written(FRAGMENT, &es, &Key::default());
    assert!(upper.uniforms.fragment_y);
    let key = Key {
        flip_origin: true,
        ..Key::default()
    };
    let lower = written(FRAGMENT, &es, &key);
    assert!(!lower.uniforms.fragment_y && !lower.text.contains("fragment_y"));
}

#[test]
fn lookups_follow_the_key() {
    const SHADOWS: &str = "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\n\
        DCL SAMP[0]\nDCL SAMP[1]\nDCL SAMP[2]\nDCL TEMP[0..1]\n\
        TEX TEMP[0], IN[0], SAMP[0], SHADOW2D\nTXP TEMP[1], IN[0], SAMP[1], 2D\n\
        ADD TEMP[0], TEMP[0], TEMP[1]\nTXB TEMP[1], IN[0], SAMP[2], RECT\n\
        ADD OUT[0], TEMP[0], TEMP[1]\nEND\n";
    use Compared::{One, Result, Zero};
    let of_all = |clamped| [clamped; 32];
    let keys = keys! {
        "luminance" => { shadows: [[Result, Result, Result, One]; 32] },
        "alpha" => { shadows: [[Zero, Zero, Zero, Result]; 32] },
        "clamped in s" => { clamped: of_all([true, false, false]) },
        "clamped in s and t" => { clamped: of_all([true, true, false]) },
        "clamped in r, which there is none of" => { clamped: of_all([false, false, true]) },
    };
    snapshot("lookups", SHADOWS, keys);
    let interface = Interface::new(&valid(SHADOWS));
    assert_eq!((interface.shadows, interface.samplers), (0b001, 0b111));
}

/// Every kind of look-up, for a target whose samplers neither clamp as `GL_CLAMP` does nor add to
/// the level of detail.
#[test]
fn lookups_of_opengl_es_follow_the_key() {
    const LOOKUPS: &str = "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\n\
        DCL SAMP[0..8]\nDCL TEMP[0..1]\n\
        TEX TEMP[0], IN[0], SAMP[0], 2D\nTXP TEMP[0], IN[0], SAMP[1], 1D\n\
        TXB TEMP[0], IN[0], SAMP[2], 1D_ARRAY\nTXL TEMP[0], IN[0], SAMP[3], SHADOW2D\n\
        TXD TEMP[0], IN[0], IN[0], IN[0], SAMP[4], CUBE\nTEX TEMP[0], IN[0], SAMP[5], RECT\n\
        TXP TEMP[0], IN[0], SAMP[6], SHADOW1D\nTEX TEMP[0], IN[0], SAMP[7], SHADOW2D_ARRAY\n\
        TEX2 TEMP[0], IN[0], IN[0].xxxx, SAMP[8], SHADOWCUBEARRAY\n\
        MOV OUT[0], TEMP[0]\nEND\n";
    const VERTICES: &str = "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL SAMP[0..2]\nDCL TEMP[0]\n\
        TEX TEMP[0], IN[0], SAMP[0], 2D\nTXP TEMP[0], IN[0], SAMP[1], 3D\n\
        TEX TEMP[0], IN[0], SAMP[2], SHADOWCUBE\nMOV OUT[0], TEMP[0]\nEND\n";
    let es = Target::new(Version::Es(320)).expect("there is such a version");
    let keys = keys! {
        "biased" => { lod_biased: u32::MAX },
        "clamped" => { clamped: [[true; 3]; 32] },
        "both" => { lod_biased: 0b11, clamped: [[true, false, false]; 32] },
    };
    let mut said = String::new();
    for (what, key) in &keys {
        for (stage, text) in [("fragment", LOOKUPS), ("vertex", VERTICES)] {
            let _ = write!(said, "{what}, {stage}\n{}", added(text, &es, key));
        }
    }
    insta::assert_snapshot!("lookups_of_es", said);
}

#[test]
fn a_double_is_in_the_first_pair_of_its_register() {
    const DOUBLES: &str = "VERT\nDCL OUT[0], POSITION\nDCL TEMP[0..1]\n\
        DADD TEMP[0].zw, TEMP[1], TEMP[1]\nDMUL TEMP[0], TEMP[1], TEMP[1]\n\
        MOV OUT[0], TEMP[0]\nEND\n";
    let text = written(DOUBLES, &desktop(), &Key::default()).text;
    let one = "t0.zw = unpackDouble2x32(packDouble2x32(t1.xy) + packDouble2x32(t1.xy));";
    assert!(text.contains(one), "{text}");
    assert!(text.contains("packDouble2x32(t1.zw)"), "{text}");
}

#[test]
fn storage_buffers_are_bound_from_the_lowest() {
    const STORES: &str = "VERT\nDCL OUT[0], POSITION\nDCL BUFFER[2]\nDCL BUFFER[3]\n\
        IMM[0] UINT32 {0, 1, 0, 0}\nSTORE BUFFER[3].x, IMM[0].xxxx, IMM[0].yyyy\n\
        MOV OUT[0], IMM[0]\nEND\n";
    let key = Key {
        bindings: Bindings {
            storage: 4,
            ..Bindings::default()
        },
        ..Key::default()
    };
    let program = written(STORES, &desktop(), &key);
    assert_eq!(program.storage[0].index, 1);
    assert!(program.text.contains("binding = 5"), "{}", program.text);
}
