//! The table of arrows as ARCHITECTURE.md writes it.

use crate::Dependency;

/// Opens the table in ARCHITECTURE.md.
const FENCE: &str = "```arrows";

/// After a crate's name: a row for its dev-dependencies, beyond what it may name anyway.
pub(crate) const TESTS: &str = " (tests)";

/// Which crate may name which in its manifest.
///
/// A line is `crate, crate -> crate, crate`. A name may end in `*`; `nothing` and
/// `anything` stand alone on the right. Rows that speak of the same crate add up. A row for
/// `crate (tests)` speaks of its dev-dependencies.
#[derive(Clone, Debug)]
pub struct Arrows {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    from: Vec<String>,
    to: Targets,
}

#[derive(Clone, Debug)]
enum Targets {
    Anything,
    These(Vec<String>),
}

/// Why the table cannot be read: ARCHITECTURE.md is written wrongly.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// There is no block that opens with ```` ```arrows ````, or it does not end.
    #[error("no block of arrows: it opens with {FENCE} and ends with ```")]
    NoTable,
    /// A line without `->`, or with nothing on one side of it.
    #[error("not an arrow: `{0}`")]
    NotAnArrow(String),
}

impl Arrows {
    /// Reads the one table in a Markdown text.
    ///
    /// # Errors
    /// The text has no such table, or a line of it is no arrow.
    pub fn of_markdown(text: &str) -> Result<Self, TableError> {
        let mut lines = text.lines().skip_while(|line| line.trim() != FENCE);
        lines.next().ok_or(TableError::NoTable)?;
        let mut rows = Vec::new();
        for line in lines {
            match line.trim() {
                "```" => return Ok(Self { rows }),
                "" => {}
                line => rows.push(Row::parse(line)?),
            }
        }
        Err(TableError::NoTable)
    }

    /// Whether some row speaks of crate `name`.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.rows_of(name).next().is_some()
    }

    /// Whether crate `from` may name this dependency in its manifest.
    #[must_use]
    pub fn allow(&self, from: &str, dependency: &Dependency) -> bool {
        let allowed = |from: &str| {
            self.rows_of(from).any(|row| match &row.to {
                Targets::Anything => true,
                Targets::These(names) => any_matches(names, &dependency.to),
            })
        };
        allowed(from) || (dependency.for_tests && allowed(&format!("{from}{TESTS}")))
    }

    fn rows_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows
            .iter()
            .filter(move |row| any_matches(&row.from, name))
    }
}

impl Row {
    fn parse(line: &str) -> Result<Self, TableError> {
        let wrong = || TableError::NotAnArrow(line.to_owned());
        let (from, to) = line.split_once("->").ok_or_else(wrong)?;
        let (from, to) = (names(from), names(to));
        if from.is_empty() || to.is_empty() {
            return Err(wrong());
        }
        let to = match to.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["anything"] => Targets::Anything,
            ["nothing"] => Targets::These(Vec::new()),
            _ => Targets::These(to),
        };
        Ok(Self { from, to })
    }
}

fn names(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn any_matches(patterns: &[String], name: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == pattern,
        })
}
