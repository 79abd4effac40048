//! The workspace obeys ARCHITECTURE.md, and the test can tell when one does not.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrows::{Arrows, TableError, dependencies, objections};
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
    let arrows = Arrows::of_markdown(table).expect("the table can be read");
    let crates = [
        ("wire", vec!["wire-venus"]),
        ("wire-venus", vec!["wire", "host-vulkan"]),
        ("tests", vec!["wire", "host-vulkan"]),
        ("host-vulkan", vec![]),
    ];
    let dependencies: BTreeMap<String, Vec<String>> = crates
        .into_iter()
        .map(|(from, to)| (from.to_owned(), to.into_iter().map(str::to_owned).collect()))
        .collect();
    assert_eq!(
        objections(&arrows, &dependencies),
        [
            "host-vulkan is not in the table",
            "wire -> wire-venus is not in the table",
            "wire-venus -> host-vulkan is not in the table",
        ]
    );
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
