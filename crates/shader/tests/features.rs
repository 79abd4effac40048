//! Shaders written for what the corpus lacks: each feature comes out as GLSL that compiles.

use shader::back::glsl::{Error, Extensions, Key, Program, Target, Version, write};
use shader::front::tgsi::parse;
use shader::valid::Valid;
use std::fs;
use std::path::Path;

mod glslang;
use glslang::complaint;

fn valid(name: &str) -> Valid {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/features");
    let text = fs::read_to_string(folder.join(name)).expect("it is there");
    let parsed = parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    Valid::new(parsed.shader).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/features");
    let files = fs::read_dir(folder).expect("it is there");
    let names = files.map(|file| file.expect("it can be listed").file_name());
    let mut names: Vec<_> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn target(version: Version, extensions: Extensions) -> Target {
    let mut target = Target::new(version).expect("there is such a version");
    target.extensions = extensions;
    target
}

fn key() -> Key {
    Key {
        shared_bytes: 2048,
        ..Key::default()
    }
}

fn written(name: &str, target: &Target, key: &Key) -> Program {
    let program = write(&valid(name), target, key);
    let program = program.unwrap_or_else(|error| panic!("{name}: {error}"));
    if let Some(said) = complaint(program.stage, &program.text) {
        panic!("{name}: {said}");
    }
    program
}

#[test]
fn each_is_written_for_the_newest_target() {
    let newest = target(Version::Desktop(460), Extensions::all());
    for name in names() {
        let program = written(&name, &newest, &key());
        insta::assert_snapshot!(name.as_str(), program.text);
    }
}

/// What OpenGL ES lacks is refused by name; the rest compiles.
#[test]
fn what_opengl_es_lacks_is_refused_by_name() {
    let mut refused = String::new();
    for version in [300, 310, 320] {
        for extensions in [Extensions::empty(), Extensions::all()] {
            // Most extensions build on 3.10.
            if version == 300 && !extensions.is_empty() {
                continue;
            }
            let target = target(Version::Es(version), extensions);
            for name in names() {
                match write(&valid(&name), &target, &key()) {
                    Ok(program) => {
                        if let Some(said) = complaint(program.stage, &program.text) {
                            panic!("{name}: {said}");
                        }
                    }
                    Err(Error::Unsupported { what, .. }) => {
                        let with = if extensions.is_empty() {
                            ""
                        } else {
                            " with all"
                        };
                        refused.push_str(&format!("{version}{with}: {name}: {what}\n"));
                    }
                    Err(other) => panic!("{name}: {other}"),
                }
            }
        }
    }
    insta::assert_snapshot!("refused-for-opengl-es", refused);
}

/// Each image and buffer among which the run chooses has a statement of its own.
#[test]
fn what_the_run_chooses_is_spelled_out_on_opengl_es() {
    let es = target(Version::Es(320), Extensions::empty());
    let program = written("resources.tgsi", &es, &key());
    insta::assert_snapshot!("resources-on-opengl-es", program.text);
}

/// Many extensions have two names.
#[test]
fn either_name_of_an_extension_does() {
    for (name, extension) in [
        ("tess-control.tgsi", "GL_OES_tessellation_shader"),
        ("geom-primitive-id.tgsi", "GL_OES_geometry_shader"),
    ] {
        let extensions = Extensions::from_extension(extension).expect("it changes texts");
        let program = written(name, &target(Version::Es(310), extensions), &key());
        assert!(program.text.contains(extension), "{}", program.text);
        let refused = write(
            &valid(name),
            &target(Version::Es(310), Extensions::empty()),
            &key(),
        );
        assert!(refused.is_err());
    }
}

/// What OpenGL before 3.30 lacks is refused by name; the rest compiles.
#[test]
fn what_old_versions_lack_is_refused_by_name() {
    let mut refused = String::new();
    for version in [130, 140, 150] {
        let target = target(Version::Desktop(version), old(version));
        for name in names() {
            match write(&valid(&name), &target, &key()) {
                Ok(program) => {
                    if let Some(said) = complaint(program.stage, &program.text) {
                        panic!("{name}: {said}");
                    }
                }
                Err(Error::Unsupported { what, .. }) => {
                    refused.push_str(&format!("{version}: {name}: {what}\n"));
                }
                Err(other) => panic!("{name}: {other}"),
            }
        }
    }
    insta::assert_snapshot!("refused-for-old-versions", refused);
}

/// What drivers without a newer version have beside.
fn old(version: u16) -> Extensions {
    // The reference compiler knows no layouts of blocks in 1.30 without it.
    let layouts = match version {
        130 => Extensions::ARB_SHADING_LANGUAGE_420PACK,
        _ => Extensions::empty(),
    };
    layouts
        | Extensions::ARB_SHADER_BIT_ENCODING
        | Extensions::ARB_UNIFORM_BUFFER_OBJECT
        | Extensions::ARB_DRAW_INSTANCED
        | Extensions::ARB_TEXTURE_MULTISAMPLE
        | Extensions::ARB_TEXTURE_CUBE_MAP_ARRAY
}

/// The reference compiler does not know the extension; drivers do.
#[test]
fn framebuffer_fetch_reads_the_color_that_is_there() {
    let text = "FRAG\nDCL OUT[0], COLOR[0]\nDCL OUT[1], COLOR[1]\nDCL TEMP[0]\n\
        IMM[0] UINT32 {0, 1, 1056964608, 1065353216}\nFBFETCH TEMP[0], OUT[1]\n\
        MOV OUT[0], IMM[0].wwww\nMUL OUT[1], TEMP[0], IMM[0].zzzz\nEND\n";
    let valid = Valid::new(parse(text).expect("it is TGSI").shader).expect("it keeps the rules");
    let target = target(Version::Es(320), Extensions::EXT_SHADER_FRAMEBUFFER_FETCH);
    let program = write(&valid, &target, &Key::default()).expect("it can be written");
    insta::assert_snapshot!("framebuffer-fetch", program.text);
}

/// Two dimensions stand in for one, and for rectangles.
#[test]
fn narrow_textures_are_two_dimensional_on_opengl_es() {
    let es = target(Version::Es(320), Extensions::empty());
    for name in ["narrow", "narrow-images"] {
        let program = written(&format!("{name}.tgsi"), &es, &key());
        insta::assert_snapshot!(format!("{name}-on-opengl-es"), program.text);
    }
}
