//! The workspace obeys ARCHITECTURE.md, and the test can tell when one does not.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrows::{Arrows, Dependency, TableError, dependencies, objections};
use cargo_metadata::{Metadata, MetadataCommand};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn architecture() -> String {
    std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there")
}

fn workspace() -> Metadata {
    let mut command = MetadataCommand::new();
    command
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("manifests are sound")
}

#[test]
fn no_arrow_but_those_in_the_table() {
    let arrows = Arrows::of_markdown(&architecture()).expect("the table can be read");
    let wrong = objections(&arrows, &dependencies(&workspace()));
    assert!(
        wrong.is_empty(),
        "see the table in ARCHITECTURE.md:\n{}",
        wrong.join("\n")
    );
}

/// Every crate has a paragraph that starts with its name, and every such name a crate.
#[test]
fn a_paragraph_a_crate() {
    let text = architecture();
    let section = text.split("## Crates").nth(1).expect("a section on crates");
    let section = section.split("\n## ").next().expect("that ends");
    let described: BTreeSet<&str> = section
        .lines()
        .filter_map(|line| {
            line.strip_prefix("**`")?
                .split_once("`**")
                .map(|(name, _)| name)
        })
        .collect();
    let metadata = workspace();
    let members = metadata.workspace_packages();
    let existing: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(described, existing);
}

#[test]
fn a_wrong_arrow_is_found() {
    let table = "```arrows\nwire-* -> wire\nwire -> nothing\ntests -> anything\n```";
    let workspace = workspace_of(&[
        ("wire", &["wire-venus"], &[]),
        ("wire-venus", &["wire", "host-vulkan"], &[]),
        ("tests", &["wire", "host-vulkan"], &[]),
        ("host-vulkan", &[], &[]),
    ]);
    assert_eq!(
        objections(&Arrows::of_markdown(table).expect("sound"), &workspace),
        [
            "host-vulkan is not in the table",
            "wire -> wire-venus is not in the table",
            "wire-venus -> host-vulkan is not in the table",
        ]
    );
}

#[test]
fn a_row_for_tests_is_for_tests_alone() {
    let table = "```arrows\ndoor, wire -> nothing\ndoor (tests) -> wire\n```";
    let arrows = Arrows::of_markdown(table).expect("sound");
    let fine = workspace_of(&[("door", &[], &["wire"]), ("wire", &[], &[])]);
    assert!(objections(&arrows, &fine).is_empty());
    let wrong = workspace_of(&[("door", &["wire"], &[]), ("wire", &[], &["door"])]);
    assert_eq!(
        objections(&arrows, &wrong),
        [
            "door -> wire is not in the table",
            "wire (tests) -> door is not in the table"
        ]
    );
}

/// Crates with what they name, and what their tests name beyond it.
fn workspace_of(crates: &[(&str, &[&str], &[&str])]) -> BTreeMap<String, Vec<Dependency>> {
    let dependency = |for_tests| {
        move |to: &&str| Dependency {
            to: (*to).to_owned(),
            for_tests,
        }
    };
    let each = crates.iter().map(|(from, to, tests)| {
        let all = to
            .iter()
            .map(dependency(false))
            .chain(tests.iter().map(dependency(true)));
        ((*from).to_owned(), all.collect())
    });
    each.collect()
}

#[test]
fn a_broken_table_is_an_error() {
    assert!(matches!(
        Arrows::of_markdown("no table"),
        Err(TableError::NoTable)
    ));
    assert!(matches!(
        Arrows::of_markdown("```arrows\na -> b\n"),
        Err(TableError::NoTable)
    ));
    for line in ["a b", "a ->", "-> b"] {
        let table = format!("```arrows\n{line}\n```");
        assert!(
            matches!(Arrows::of_markdown(&table), Err(TableError::NotAnArrow(_))),
            "{line}"
        );
    }
}
