//! Shaders that Mesa's virgl driver sent while piglit and glmark2 ran: of Mesa 26.2, and the
//! one with 25 in its name of Mesa 25.0.

use shader::back::tgsi::write;
use shader::front::tgsi::parse;
use shader::valid::Valid;
use std::fs;
use std::path::Path;

/// Each shader's file name and text.
fn corpus() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut shaders: Vec<_> = fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| {
            let path = entry.expect("it can be listed").path();
            let name = path.file_name().expect("it has a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("it is text");
            (name.into_owned(), text)
        })
        .collect();
    shaders.sort();
    shaders
}

/// The lines, sorted: Mesa writes some declarations after immediates.
fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn there_are_shaders_of_every_stage() {
    let corpus = corpus();
    assert!(corpus.len() >= 30, "{} shaders", corpus.len());
    for stage in ["VERT", "TESS_CTRL", "TESS_EVAL", "GEOM", "FRAG", "COMP"] {
        assert!(corpus.iter().any(|(_, text)| text.starts_with(stage)));
    }
}

#[test]
fn each_is_written_as_mesa_wrote_it() {
    for (name, text) in corpus() {
        let parsed = parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = write(&parsed.shader);
        assert_eq!(sorted_lines(&written), sorted_lines(&text), "{name}");
        let again = parse(&written).expect("what was written can be read");
        assert_eq!(again.shader, parsed.shader, "{name}");
    }
}

#[test]
fn each_may_end_anywhere_without_harm() {
    for (_, text) in corpus() {
        for end in (0..text.len()).step_by(text.len() / 40 + 1) {
            if let Some(part) = text.get(..end) {
                let _ = parse(part);
            }
        }
    }
}

#[test]
fn the_shortest_of_each_stage_means_this() {
    let mut shortest = std::collections::BTreeMap::new();
    for (_, text) in corpus() {
        let stage = text.lines().next().unwrap_or("").to_owned();
        let known = shortest.entry(stage).or_insert_with(|| text.clone());
        if text.len() < known.len() {
            *known = text;
        }
    }
    for (stage, text) in shortest {
        let parsed = parse(&text).expect("the corpus can be read");
        insta::assert_snapshot!(stage, format!("{text}\n{:#?}", parsed.shader));
    }
}

#[test]
fn each_keeps_the_rules() {
    let broken: Vec<_> = corpus()
        .into_iter()
        .filter_map(|(name, text)| {
            let parsed = parse(&text).expect("the corpus can be read");
            let error = Valid::new(parsed.shader).err()?;
            Some(format!("{name}: {error}"))
        })
        .collect();
    assert_eq!(broken, [""; 0]);
}
