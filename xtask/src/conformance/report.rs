//! The renderers beside each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use super::piglit::Facts;
use super::results::{Class, Results};

/// Results on one list of tests; `None` where there is nothing to compare with.
pub(crate) struct Report {
    pub(crate) facts: Facts,
    pub(crate) paravane: Results,
    pub(crate) virglrenderer: Option<Results>,
    pub(crate) native: Option<Results>,
    /// Whether a column is of a file, not measured beside the first.
    pub(crate) of_file: bool,
}

/// A test whose results differ: its name, Paravane's word, the other's.
type Difference<'a> = (&'a str, &'a str, &'a str);

/// What stands for a result that a renderer does not have.
const NONE: &str = "-";

impl Report {
    /// The results that are passes on virglrenderer and not on Paravane.
    pub(crate) fn worse(&self) -> Vec<Difference<'_>> {
        self.differences(self.virglrenderer.as_ref(), |here, there| {
            !passes(here) && passes(there)
        })
    }

    /// Those where it is the other way round.
    fn better(&self) -> Vec<Difference<'_>> {
        self.differences(self.virglrenderer.as_ref(), |here, there| {
            passes(here) && !passes(there)
        })
    }

    /// The results that are passes natively and not on Paravane.
    fn lost(&self) -> Vec<Difference<'_>> {
        self.differences(self.native.as_ref(), |here, there| {
            !passes(here) && passes(there)
        })
    }

    fn differences<'a>(
        &'a self,
        other: Option<&'a Results>,
        count: impl Fn(&str, &str) -> bool,
    ) -> Vec<Difference<'a>> {
        let Some(other) = other else {
            return Vec::new();
        };
        let words = |name| {
            let (here, there) = (self.paravane.of(name), other.of(name));
            (name, here.unwrap_or(NONE), there.unwrap_or(NONE))
        };
        // What the other has not run says nothing of it.
        let ran = self.names().into_iter().filter(|name| other.ran(name));
        let differences = ran.map(words);
        differences
            .filter(|(_, here, there)| count(here, there))
            .collect()
    }

    /// Every test and subtest that any renderer has a result of, of the tests that were run.
    fn names(&self) -> BTreeSet<&str> {
        let others = [&self.virglrenderer, &self.native];
        let others = others.into_iter().flatten().flat_map(Results::names);
        let ran = others.filter(|name| self.paravane.ran(name));
        self.paravane.names().chain(ran).collect()
    }

    fn columns(&self) -> [Option<&Results>; 3] {
        [
            Some(&self.paravane),
            self.virglrenderer.as_ref(),
            self.native.as_ref(),
        ]
    }

    /// The counts of each column: of all tests, of those that every column has, by group.
    fn tallies(&self) -> Vec<(String, Row)> {
        let (mut all, mut common) = (Row::default(), Row::default());
        let mut groups = BTreeMap::<String, Row>::new();
        for name in self.names() {
            let words = self
                .columns()
                .map(|column| column.map(|results| results.of(name)));
            count(&mut all, &words);
            count(groups.entry(group(name)).or_default(), &words);
            if words.iter().flatten().all(Option::is_some) {
                count(&mut common, &words);
            }
        }
        let totals = [("all", all), ("all that each has run", common)];
        let totals = totals.map(|(name, row)| (name.to_owned(), row));
        totals.into_iter().chain(groups).collect()
    }

    /// The whole report as a page of the documentation.
    pub(crate) fn markdown(&self) -> String {
        let heading = heading(self.facts.gles);
        let mut page = format!("{heading}\n{}\n\n{LEGEND}", self.facts);
        if self.of_file {
            page += OF_FILE;
        }
        page += "\n";
        page += &line("group", &COLUMNS.map(str::to_owned));
        page += &line("---", &["---", "---", "---"].map(str::to_owned));
        for (group, row) in &self.tallies() {
            page += &line(group, &self.cells(row));
        }
        for (title, differences) in self.lists() {
            page += &listed(title, &differences);
        }
        page
    }

    fn cells(&self, row: &Row) -> [String; 3] {
        let columns = self.columns();
        std::array::from_fn(|at| columns[at].map_or(NONE.to_owned(), |_| row[at].to_string()))
    }

    fn lists(&self) -> Vec<(&'static str, Vec<Difference<'_>>)> {
        let mut lists = Vec::new();
        if self.virglrenderer.is_some() {
            lists.push(("Pass on virglrenderer, not on Paravane", self.worse()));
            lists.push(("Pass on Paravane, not on virglrenderer", self.better()));
        }
        if self.native.is_some() {
            lists.push(("Pass natively, not on Paravane", self.lost()));
        }
        lists
    }
}

const COLUMNS: [&str; 3] = ["Paravane", "virglrenderer", "native llvmpipe"];

/// What the page is of: the host's OpenGL, or its OpenGL ES.
fn heading(gles: bool) -> String {
    let (on, option) = match gles {
        true => (", by OpenGL ES", " --gles"),
        false => ("", ""),
    };
    format!(
        "# Conformance: piglit through virgl{on}

Made by `cargo xtask conformance{option}`, which runs piglit in the lab: unmodified Mesa is the client
(`GALLIUM_DRIVER=virpipe`, X11), `paravane vtest --virgl{option}` the server, on llvmpipe.
"
    )
}

const LEGEND: &str = "Tests and their subtests: passed / failed / skipped. A crash, a timeout and a \
warning count as\nfailed. A test is skipped where the renderer does not offer what it tests.\n";

/// Where a column is of a file.
const OF_FILE: &str = "\nA column that was measured another time leaves out the tests that piglit \
had skipped without running\nthem.\n";

/// One group's counts, by column.
type Row = [Counts; 3];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    pass: usize,
    fail: usize,
    skip: usize,
}

impl Counts {
    fn count(&mut self, word: &str) {
        let count = match Class::of(word) {
            Class::Pass => &mut self.pass,
            Class::Fail => &mut self.fail,
            Class::Skip => &mut self.skip,
        };
        *count += 1;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} / {} / {}", self.pass, self.fail, self.skip)
    }
}

/// Counts a test by its words in each column; within, `None` is a test that it has not run.
fn count(row: &mut Row, words: &[Option<Option<&str>>; 3]) {
    for (counts, word) in row.iter_mut().zip(words) {
        if let Some(Some(word)) = word {
            counts.count(word);
        }
    }
}

fn passes(word: &str) -> bool {
    Class::of(word) == Class::Pass
}

/// The extension or version that a test is of, as in `spec@arb_texture_gather`; of tests that
/// are of none, their folder.
fn group(name: &str) -> String {
    let mut parts = name.split('@');
    match (parts.next(), parts.next()) {
        (Some("spec"), Some(part)) => format!("spec@{part}"),
        (first, _) => first.unwrap_or(name).to_owned(),
    }
}

/// A line of a table.
fn line(first: &str, cells: &[String; 3]) -> String {
    format!("| {first} | {} |\n", cells.join(" | "))
}

fn listed(title: &str, differences: &[Difference<'_>]) -> String {
    let mut text = format!("\n## {title}: {}\n", differences.len());
    if !differences.is_empty() {
        text += "\n```\n";
        for (name, here, there) in differences {
            let _ = writeln!(text, "{name}: {here}, there {there}");
        }
        text += "```\n";
    }
    text
}

/// For a terminal: as the page, in columns.
impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.tallies();
        let width = rows.iter().map(|(group, _)| group.chars().count()).max();
        let width = width.unwrap_or(0).max(5);
        let mut put = |first: &str, [one, two, three]: [String; 3]| {
            writeln!(out, "{first:<width$} {one:>18} {two:>18} {three:>18}")
        };
        put("", COLUMNS.map(str::to_owned))?;
        for (group, row) in &rows {
            put(group, self.cells(row))?;
        }
        for (title, differences) in self.lists() {
            out.write_str(&listed(title, &differences).replace("```\n", ""))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::conformance::piglit::Facts;
    use crate::conformance::results::{of_csv, of_json};

    fn report() -> Report {
        let json = r#"{"tests": {
            "spec@one@a": {"result": "pass"},
            "spec@one@b": {"result": "crash"},
            "spec@two@c": {"result": "skip"},
            "shaders@d": {"result": "pass", "subtests": {"x": "pass"}}}}"#;
        let csv = "test,virglrenderer,llvmpipe\n\
            spec@one@a,fail,pass\n\
            spec@one@b@@x,pass,pass\n\
            spec@one@b@@y,skip,pass\n\
            spec@two@c,skip,pass\n\
            shaders@d@@y,pass,\n\
            spec@three@not run,pass,pass\n";
        let [virglrenderer, native] = of_csv(csv).expect("sound");
        Report {
            facts: Facts::for_tests(),
            paravane: of_json(json).expect("sound"),
            virglrenderer: Some(virglrenderer),
            native: Some(native),
            of_file: true,
        }
    }

    #[test]
    fn differences_are_found() {
        let report = report();
        let worse = [
            ("shaders@d@@y", "-", "pass"),
            ("spec@one@b@@x", "crash", "pass"),
        ];
        assert_eq!(report.worse(), worse);
        let better = [
            ("shaders@d@@x", "pass", "-"),
            ("spec@one@a", "pass", "fail"),
        ];
        assert_eq!(report.better(), better);
        assert_eq!(report.lost().len(), 3);
    }

    #[test]
    fn groups_are_counted() {
        let page = report().markdown();
        for line in [
            "| group | Paravane | virglrenderer | native llvmpipe |\n",
            "| all | 2 / 3 / 1 | 2 / 1 / 2 | 4 / 0 / 0 |\n",
            "| all that each has run | 1 / 2 / 1 | 1 / 1 / 2 | 4 / 0 / 0 |\n",
            "| shaders | 1 / 0 / 0 | 1 / 0 / 0 | 0 / 0 / 0 |\n",
            "| spec@one | 1 / 3 / 0 | 1 / 1 / 1 | 3 / 0 / 0 |\n",
            "| spec@two | 0 / 0 / 1 | 0 / 0 / 1 | 1 / 0 / 0 |\n",
            "## Pass on virglrenderer, not on Paravane: 2\n",
            "\nspec@one@b@@x: crash, there pass\n",
        ] {
            assert!(page.contains(line), "{line} is missing of\n{page}");
        }
        assert!(!page.contains("three"), "{page}");
    }

    #[test]
    fn the_page_says_which_api_the_host_draws_by() {
        let mut report = report();
        assert!(
            report
                .markdown()
                .contains("`paravane vtest --virgl` the server")
        );
        report.facts.gles = true;
        let page = report.markdown();
        for words in [
            "# Conformance: piglit through virgl, by OpenGL ES\n",
            "`cargo xtask conformance --gles`",
            "`paravane vtest --virgl --gles` the server",
            "- the servers draw by the host's OpenGL ES\n",
        ] {
            assert!(page.contains(words), "{words} is missing of\n{page}");
        }
    }

    #[test]
    fn nothing_to_compare_with() {
        let report = Report {
            virglrenderer: None,
            native: None,
            ..report()
        };
        assert!(report.worse().is_empty());
        let page = report.markdown();
        assert!(page.contains("| spec@two | 0 / 0 / 1 | - | - |"), "{page}");
        assert!(!page.contains("##"), "{page}");
    }
}
