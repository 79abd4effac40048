//! What piglit says of each test and subtest.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Between a test's name and its subtest's.
const SUBTEST: &str = "@@";

/// One renderer's results by the name of a test, or of `test@@subtest`, in piglit's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Results(BTreeMap<String, String>);

/// What a result counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Pass,
    /// Wrong, or never ended, or ended the program.
    Fail,
    /// The renderer does not offer what is tested.
    Skip,
}

impl Class {
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "pass" => Self::Pass,
            "skip" | "notrun" => Self::Skip,
            _ => Self::Fail,
        }
    }
}

impl Results {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The result of `name`. A subtest that was not come to has its test's: a test that
    /// crashes has named none of them.
    pub(crate) fn of(&self, name: &str) -> Option<&str> {
        let whole = || self.0.get(test_of(name));
        self.0.get(name).or_else(whole).map(String::as_str)
    }

    /// Whether the test was run to which `name` belongs.
    pub(crate) fn ran(&self, name: &str) -> bool {
        let start = format!("{}{SUBTEST}", test_of(name));
        let mut subtests = self.0.range(start.clone()..);
        self.of(name).is_some()
            || subtests
                .next()
                .is_some_and(|(name, _)| name.starts_with(&start))
    }
}

/// Drops from both of a file's columns what both have as skipped, and has run `here`.
///
/// What llvmpipe does not offer Paravane cannot offer on it: those tests were not run for the
/// file. piglit skips whatever asks for a version where its `wflinfo` is not installed.
pub(crate) fn drop_unrun(columns: &mut [Results; 2], here: &Results) {
    for (name, word) in &here.0 {
        let skipped = |results: &Results| {
            let word = results.of(name);
            word.is_some_and(|word| Class::of(word) == Class::Skip)
        };
        if Class::of(word) != Class::Skip && columns.iter().all(skipped) {
            for Results(words) in &mut *columns {
                words.remove(name);
                words.remove(test_of(name));
            }
        }
    }
}

/// The test to which `name` belongs.
pub(crate) fn test_of(name: &str) -> &str {
    name.split_once(SUBTEST).map_or(name, |(test, _)| test)
}

/// Reads piglit's `results.json`.
///
/// A test with subtests is not counted beside them, unless it ended otherwise than by them:
/// then it ended early.
pub(crate) fn of_json(text: &str) -> serde_json::Result<Results> {
    let run: Run = serde_json::from_str(text)?;
    let mut results = BTreeMap::new();
    for (name, mut test) in run.tests {
        test.subtests.remove(TYPE);
        for (subtest, word) in &test.subtests {
            results.insert(format!("{name}{SUBTEST}{subtest}"), word.clone());
        }
        if test.subtests.is_empty() || ENDED_EARLY.contains(&test.result.as_str()) {
            results.insert(name, test.result);
        }
    }
    Ok(Results(results))
}

/// Among the subtests: what class of piglit's their map is of (`framework/results.py`).
const TYPE: &str = "__type__";

/// piglit's words for a test that did not come to its own end.
const ENDED_EARLY: &[&str] = &["crash", "incomplete", "timeout"];

/// What is read of `results.json`, of which version 10 is piglit's since 2018.
#[derive(Deserialize)]
struct Run {
    tests: BTreeMap<String, Test>,
}

#[derive(Deserialize)]
struct Test {
    result: String,
    #[serde(default)]
    subtests: BTreeMap<String, String>,
}

/// Reads lines of `test,virglrenderer,llvmpipe` below their heading; the number of the first
/// line that is not one is the error.
pub(crate) fn of_csv(text: &str) -> Result<[Results; 2], usize> {
    let (mut first, mut second) = (BTreeMap::new(), BTreeMap::new());
    for (number, line) in text.lines().enumerate().skip(1) {
        let (name, one, two) = fields(line).ok_or(number + 1)?;
        // No word: that renderer did not come to this subtest.
        for (results, word) in [(&mut first, one), (&mut second, two)] {
            if !word.is_empty() {
                results.insert(name.clone(), word.to_owned());
            }
        }
    }
    Ok([Results(first), Results(second)])
}

/// The test's name, which is quoted where it has a comma or a quote, and two words.
fn fields(line: &str) -> Option<(String, &str, &str)> {
    let (line, two) = line.rsplit_once(',')?;
    let (name, one) = line.rsplit_once(',')?;
    let quoted = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    let name = quoted.map_or(name.to_owned(), |name| name.replace("\"\"", "\""));
    Some((name, one, two))
}

#[cfg(test)]
mod tests {
    use super::{Class, drop_unrun, of_csv, of_json};

    #[test]
    fn json_is_read() {
        let text = r#"{"results_version": 10, "tests": {
            "a": {"result": "pass", "subtests": {"__type__": "Subtests"}, "time": {"start": 1.5}},
            "b": {"result": "fail", "subtests": {"x, y": "pass", "z": "fail"}},
            "c": {"result": "crash", "subtests": {"x": "pass"}}}}"#;
        let results = of_json(text).expect("sound");
        let names: Vec<&str> = results.names().collect();
        assert_eq!(names, ["a", "b@@x, y", "b@@z", "c", "c@@x"]);
        assert_eq!(results.of("b@@z"), Some("fail"));
        assert_eq!(results.of("c@@never come to"), Some("crash"));
        assert_eq!(results.of("b@@unknown"), None);
        assert!(results.ran("b@@unknown") && results.ran("b") && !results.ran("d@@x"));
        assert!(of_json("{}").is_err());
    }

    #[test]
    fn csv_is_read() {
        let text = "test,virglrenderer,llvmpipe\na,pass,fail\n\"b@@x, \"\"y\"\"\",,skip\n";
        let [virglrenderer, llvmpipe] = of_csv(text).expect("sound");
        assert_eq!(virglrenderer.of("a"), Some("pass"));
        assert_eq!(llvmpipe.of("a"), Some("fail"));
        assert_eq!(virglrenderer.of("b@@x, \"y\""), None);
        assert_eq!(llvmpipe.of("b@@x, \"y\""), Some("skip"));
        assert_eq!(of_csv("heading\na,pass,fail\nb\n"), Err(3));
    }

    #[test]
    fn what_was_not_run_is_dropped() {
        let lines = ["a,skip,skip", "b,skip,pass", "c,skip,skip", "d,skip,skip"];
        let text = format!("heading\n{}\n", lines.join("\n"));
        let mut columns = of_csv(&text).expect("sound");
        let here = r#"{"tests": {"a": {"result": "fail"}, "b": {"result": "pass"},
            "c": {"result": "skip"}, "d": {"result": "pass", "subtests": {"x": "pass"}}}}"#;
        drop_unrun(&mut columns, &of_json(here).expect("sound"));
        let names = columns.map(|column| column.names().collect::<Vec<_>>().join(" "));
        assert_eq!(names, ["b c", "b c"]);
    }

    #[test]
    fn classes() {
        let classes = ["pass", "skip", "notrun", "crash", "warn", "timeout"].map(Class::of);
        let [pass, skip, fail] = [Class::Pass, Class::Skip, Class::Fail];
        assert_eq!(classes, [pass, skip, skip, fail, fail, fail]);
    }
}
