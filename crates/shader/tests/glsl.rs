//! What comes out as GLSL of the shaders that Mesa's virgl driver sent.

use shader::back::glsl::{Error, Extensions, Key, Target, Unsupported, Version, write};
use shader::front::tgsi::parse;
use shader::ir::{Class, Opcode, Stage};
use shader::valid::Valid;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

mod glslang;
use glslang::{complaint, complaint_of_any};

/// How many shaders of the corpus are written for GLSL 4.60.
const WRITTEN: usize = 78;

fn corpus() -> Vec<(String, Valid)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut shaders: Vec<_> = fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| {
            let path = entry.expect("it can be listed").path();
            let name = path.file_name().expect("it has a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("it is text");
            (name.into_owned(), valid(&text))
        })
        .collect();
    shaders.sort_by(|(one, _), (other, _)| one.cmp(other));
    shaders
}

fn valid(text: &str) -> Valid {
    let parsed = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Valid::new(parsed.shader).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn target(version: u16) -> Target {
    Target::new(Version::Desktop(version)).expect("there is such a version")
}

/// The newest language with every extension.
fn newest() -> Target {
    let mut target = target(460);
    target.extensions = Extensions::all();
    target
}

/// A language before 3.30, with what every driver of it has beside.
fn old(version: u16) -> Target {
    let mut target = target(version);
    // The reference compiler knows no layouts of blocks in 1.30 without it.
    let layouts = (version == 130).then_some("GL_ARB_shading_language_420pack");
    target.extensions = [
        "GL_ARB_shader_bit_encoding",
        "GL_ARB_uniform_buffer_object",
        "GL_ARB_draw_instanced",
    ]
    .into_iter()
    .chain(layouts)
    .filter_map(Extensions::from_extension)
    .collect();
    target
}

/// The default, with shared memory for those that have it.
fn plain() -> Key {
    Key {
        shared_bytes: 4096,
        ..Key::default()
    }
}

#[test]
fn the_corpus_is_written_or_refused_for_a_reason() {
    let mut written = 0;
    let mut refused = BTreeMap::<_, Vec<_>>::new();
    for (name, valid) in corpus() {
        match write(&valid, &newest(), &plain()) {
            Ok(_) => written += 1,
            Err(Error::Unsupported { what, .. }) => refused.entry(what).or_default().push(name),
            Err(other) => panic!("{name}: {other}"),
        }
    }
    let lines = refused
        .iter()
        .map(|(what, names)| format!("{:2} {what}: {}\n", names.len(), names.join(" ")));
    insta::assert_snapshot!("refused", lines.collect::<String>());
    assert_eq!(written, WRITTEN);
}

/// The text for one shader of the corpus.
fn written(name: &str, key: &Key) -> String {
    let found = corpus().into_iter().find(|(known, _)| known == name);
    let (_, valid) = found.expect("it is in the corpus");
    write(&valid, &newest(), key)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
        .text
}

#[test]
fn whole_shaders_are_written_so() {
    let key = Key {
        scale_y: true,
        clip_planes: 2,
        ..Key::default()
    };
    for name in [
        "vert-02.tgsi",
        "vert-07.tgsi",
        "frag-02.tgsi",
        "frag-08.tgsi",
    ] {
        insta::assert_snapshot!(name, written(name, &key));
    }
}

#[test]
fn all_that_is_written_compiles() {
    let mut targets: Vec<_> = [330, 400, 430, 460].map(target).into();
    targets.extend(
        [310, 320]
            .map(|version| Target::new(Version::Es(version)).expect("there is such a version")),
    );
    targets.push(newest());
    targets.extend([130, 140, 150].map(old));
    let corpus = corpus();
    for target in targets {
        let written = corpus.iter().filter_map(|(name, valid)| {
            let program = write(valid, &target, &plain()).ok()?;
            Some((name.clone(), program))
        });
        let written: Vec<_> = written.collect();
        assert!(written.len() > 15, "{} for {target:?}", written.len());
        if let Some(said) = complaint_of_any(&written) {
            panic!("{target:?}: {said}");
        }
    }
}

/// Floats are read as bits everywhere, which no version before 3.30 has by itself.
#[test]
fn old_languages_are_written_with_names_for_locations() {
    for version in [130, 140, 150] {
        let corpus = corpus();
        let name = |wanted: &str| corpus.iter().find(|(name, _)| name == wanted);
        for wanted in ["vert-02.tgsi", "frag-08.tgsi"] {
            let (_, valid) = name(wanted).expect("it is in the corpus");
            let bare = write(valid, &target(version), &plain());
            let missing = Unsupported::Missing("floats as bits");
            assert!(
                matches!(bare, Err(Error::Unsupported { what, .. }) if what == missing),
                "{bare:?}"
            );
        }
        let (_, valid) = name("vert-02.tgsi").expect("it is in the corpus");
        let program = write(valid, &old(version), &plain()).expect("it can be written");
        assert!(!program.locations_in_text && !program.text.contains("location ="));
        assert_eq!(program.attributes, [0]);
        let head = program.text.split("void finish").next().unwrap_or_default();
        insta::assert_snapshot!(format!("vert-02-in-{version}"), head);
    }
}

/// Before 1.50 nothing says where the coordinate begins, unless an extension does.
#[test]
fn coordinates_are_turned_where_no_word_is() {
    let text = "FRAG\nPROPERTY FS_COORD_ORIGIN UPPER_LEFT\n\
        PROPERTY FS_COORD_PIXEL_CENTER INTEGER\nDCL IN[0], POSITION, LINEAR\n\
        DCL OUT[0], COLOR\nDCL OUT[1], COLOR[1]\nMOV OUT[0], IN[0]\nMOV OUT[1], IN[0]\nEND\n";
    let valid = valid(text);
    let key = Key {
        dual_source: true,
        ..Key::default()
    };
    let mut texts = String::new();
    for (version, name) in [
        (130, "GL_ARB_blend_func_extended"),
        (140, "GL_ARB_fragment_coord_conventions"),
        (150, "GL_ARB_explicit_attrib_location"),
        (330, "GL_ARB_explicit_attrib_location"),
    ] {
        let mut target = old(version);
        target.extensions |= Extensions::from_extension(name).expect("it changes texts");
        target.extensions |= Extensions::ARB_BLEND_FUNC_EXTENDED;
        let program = write(&valid, &target, &key).expect("it can be written");
        assert_eq!(program.locations_in_text, version == 330);
        assert_eq!(program.uniforms.fragment_y, version == 130);
        if let Some(said) = complaint(program.stage, &program.text) {
            panic!("{said}");
        }
        texts.push_str(&program.text);
    }
    insta::assert_snapshot!("coordinates-and-two-sources", texts);
}

#[test]
fn indices_are_kept_in_their_range() {
    let frame = "VERT\nDCL IN[0..1]\nDCL OUT[0], POSITION\nDCL OUT[1..2], GENERIC[0]\n\
        DCL TEMP[0..3], ARRAY(1), LOCAL\nDCL TEMP[4..7]\nDCL CONST[0..3]\nDCL ADDR[0]\n\
        IMM[0] UINT32 {1, 2, 3, 4}\n";
    for (line, wanted) in [
        (
            "MOV TEMP[ADDR[0].y-2](1), IN[0]",
            "ta1[clamp(int(a0.y) + (-2), 0, 3) - 0]",
        ),
        (
            "MOV TEMP[4], TEMP[TEMP[1].x](1)",
            "ta1[clamp(int(ta1[1].x) + (0), 0, 3) - 0]",
        ),
        (
            "MOV TEMP[TEMP[5].x+1], IN[0]",
            "t[clamp(int(t[5].x) + (1), 0, 7)]",
        ),
        (
            "MOV OUT[0], CONST[ADDR[0].x]",
            "vs_c0[clamp(int(a0.x) + (0), 0, 3)]",
        ),
        (
            "MOV OUT[ADDR[0].x+1], IN[ADDR[0].x]",
            "o[clamp(int(a0.x) + (1), 0, 2)]",
        ),
        (
            "MOV OUT[0], IMM[ADDR[0].x]",
            "imm[clamp(int(a0.x) + (0), 0, 0)]",
        ),
    ] {
        let valid = valid(&format!("{frame}{line}\nEND\n"));
        let text = write(&valid, &target(330), &Key::default())
            .expect("it can be written")
            .text;
        assert!(text.contains(wanted), "{line}\n{text}");
        assert_eq!(complaint(Stage::Vertex, &text), None, "{line}");
    }
}

/// One shader with each operation on values, as far as it is written; the rest by name.
#[test]
fn operations_on_values_compile() {
    let frame = "FRAG\nDCL OUT[0], COLOR\nDCL TEMP[0..5]\nDCL ADDR[0]\n";
    let mut lines = String::new();
    let mut refused = Vec::new();
    for opcode in Opcode::ALL.iter().copied() {
        let info = opcode.info();
        let address = matches!(opcode, Opcode::Arl | Opcode::Arr | Opcode::Uarl);
        if !matches!(info.class, Class::Alu | Class::Derivative) {
            continue;
        }
        let written = if address { "ADDR[0]" } else { "TEMP[0]" };
        let written = info.destinations.iter().map(|_| written.to_owned());
        let read = (1..=info.sources.len()).map(|number| format!("TEMP[{number}]"));
        let operands: Vec<_> = written.chain(read).collect();
        let line = format!("{} {}\n", info.name, operands.join(", "));
        let alone = valid(&format!("{frame}{line}END\n"));
        match write(&alone, &newest(), &Key::default()) {
            Ok(_) => lines.push_str(&line),
            Err(_) => refused.push(info.name),
        }
    }
    let all = valid(&format!("{frame}{lines}END\n"));
    let text = write(&all, &newest(), &Key::default())
        .expect("each can be written")
        .text;
    assert_eq!(complaint(Stage::Fragment, &text), None);
    insta::assert_snapshot!(
        "operations",
        format!("refused: {}\n\n{text}", refused.join(" "))
    );
}

#[test]
fn the_coordinate_counts_as_the_shader_says() {
    let key = Key {
        flip_origin: true,
        ..Key::default()
    };
    let upper = "layout(origin_upper_left) in vec4 gl_FragCoord;";
    for declared in ["IN[0], POSITION, LINEAR", "SV[0], POSITION"] {
        let name = declared.split(',').next().expect("it has a name");
        let frame = format!("DCL {declared}\nDCL OUT[0], COLOR\nMOV OUT[0], {name}\nEND\n");
        let plain = valid(&format!("FRAG\n{frame}"));
        let lower = valid(&format!(
            "FRAG\nPROPERTY FS_COORD_ORIGIN LOWER_LEFT\n{frame}"
        ));
        for (shader, key, says) in [
            (&plain, &Key::default(), true),
            (&plain, &key, false),
            (&lower, &Key::default(), false),
            (&lower, &key, true),
        ] {
            let text = write(shader, &target(330), key)
                .expect("it can be written")
                .text;
            assert_eq!(text.contains(upper), says, "{text}");
            assert_eq!(complaint(Stage::Fragment, &text), None);
        }
    }
}

/// A guest gets zero, and nothing that was there before, of what it has not written.
#[test]
fn temporaries_that_may_be_read_first_begin_as_zero() {
    let frame = "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL TEMP[0..2]\nDCL ADDR[0]\n";
    let zero = "uvec4 t0 = uvec4(0u);";
    for (lines, begins_as_zero) in [
        ("MOV OUT[0], TEMP[0]", true),
        ("MOV TEMP[0], IN[0]\nMOV OUT[0], TEMP[0]", false),
        ("MOV TEMP[0].xyz, IN[0]\nMOV OUT[0], TEMP[0]", true),
        ("MOV TEMP[0].xyz, IN[0]\nMOV OUT[0], TEMP[0].xyzz", false),
        ("ADD TEMP[0], IN[0], TEMP[0]", true),
        (
            "MOV TEMP[1], IN[0]\nUIF TEMP[1].xxxx\nMOV TEMP[0], IN[0]\nENDIF\nMOV OUT[0], TEMP[0]",
            true,
        ),
        (
            "MOV TEMP[1], IN[0]\nUIF TEMP[1].xxxx\nMOV TEMP[0], IN[0]\nELSE\nMOV OUT[0], TEMP[0]\nENDIF",
            true,
        ),
        (
            "MOV TEMP[1], IN[0]\nUIF TEMP[1].xxxx\nMOV TEMP[0], IN[0]\nMOV OUT[0], TEMP[0]\nENDIF",
            false,
        ),
        (
            "BGNLOOP\nMOV OUT[0], TEMP[0]\nMOV TEMP[0], IN[0]\nBRK\nENDLOOP",
            true,
        ),
        (
            "BGNLOOP\nMOV TEMP[0], IN[0]\nBRK\nENDLOOP\nMOV OUT[0], TEMP[0]",
            true,
        ),
        ("UARL ADDR[0].x, TEMP[0].xxxx", true),
    ] {
        let valid = valid(&format!("{frame}{lines}\nEND\n"));
        let program = write(&valid, &target(460), &Key::default()).expect("it can be written");
        assert_eq!(program.text.contains(zero), begins_as_zero, "{lines}");
        assert!(program.text.contains("uvec4 t0"), "{lines}");
        assert_eq!(complaint(Stage::Vertex, &program.text), None, "{lines}");
    }
}
