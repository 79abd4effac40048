//! The table of what came of the tests.

use std::fmt;
use std::process::ExitCode;

use super::session::Figures;
use crate::clients::Outcome;

/// One test on one card.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) test: String,
    pub(crate) card: String,
    pub(crate) outcome: Outcome,
    pub(crate) figures: Figures,
    pub(crate) notes: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
}

impl Row {
    pub(crate) fn result(&self) -> String {
        match &self.outcome {
            Outcome::Passed => "ok".to_owned(),
            Outcome::Failed(reason) => format!("FAILED: {reason}"),
            Outcome::Skipped(reason) => format!("skipped: {reason}"),
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }

    pub(crate) fn into_outcome(self) -> (String, Outcome) {
        (format!("{} on {}", self.test, self.card), self.outcome)
    }

    /// Boot, whole run, and the CPU time of QEMU and of the back end.
    pub(crate) fn seconds(&self) -> [String; 4] {
        let figures = self.figures;
        let some = |seconds: Option<f64>| {
            let known = seconds.filter(|seconds| *seconds > 0.0);
            known.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1}"))
        };
        [
            some(figures.boot),
            some(Some(figures.total)),
            some(Some(figures.qemu)),
            some(figures.back_end),
        ]
    }
}

impl Report {
    fn count(&self, which: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| which(&row.outcome)).count()
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.rows.iter().any(Row::has_failed) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    pub(crate) fn summary(&self) -> String {
        let passed = self.count(|outcome| *outcome == Outcome::Passed);
        let skipped = self.count(|outcome| matches!(outcome, Outcome::Skipped(_)));
        let failed = self.count(|outcome| matches!(outcome, Outcome::Failed(_)));
        format!("virtual machines: {passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// As it comes, before there is a table.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let notes = self.notes.join("; ");
        write!(f, "{} on {} ... {}", self.test, self.card, self.result())?;
        if !notes.is_empty() {
            write!(f, " ({notes})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = |of: fn(&Row) -> &str| {
            let lengths = self.rows.iter().map(|row| of(row).len());
            lengths.max().unwrap_or(0).max(4)
        };
        let (test, card) = (widest(|row| &row.test), widest(|row| &row.card));
        writeln!(
            f,
            "{:test$}  {:card$}  {:>6} {:>6} {:>6} {:>8}  result",
            "test", "card", "boot s", "all s", "QEMU s", "behind s"
        )?;
        for row in &self.rows {
            let [boot, total, qemu, back_end] = row.seconds();
            writeln!(
                f,
                "{:test$}  {:card$}  {boot:>6} {total:>6} {qemu:>6} {back_end:>8}  {}",
                row.test,
                row.card,
                row.result()
            )?;
            for note in row.notes.iter().filter(|note| !note.starts_with("Linux ")) {
                writeln!(f, "{:test$}  {:card$}  {note}", "", "")?;
            }
        }
        write!(f, "{}", self.summary())
    }
}

#[cfg(test)]
mod tests {
    use super::{Figures, Outcome, Report, Row};

    fn row(card: &str, outcome: Outcome) -> Row {
        Row {
            test: "bars".to_owned(),
            card: card.to_owned(),
            outcome,
            figures: Figures {
                boot: Some(4.04),
                total: 9.0,
                qemu: 11.26,
                back_end: None,
            },
            notes: vec!["Linux 6.12".to_owned(), "60 frames a second".to_owned()],
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_run_and_counts_them() {
        let skipped = Outcome::Skipped("no QEMU".to_owned());
        let rows = vec![
            row("virtio-gpu-pci", Outcome::Passed),
            row("contrib", skipped),
        ];
        let report = Report { rows };
        let text = report.to_string();
        let expected = "bars  virtio-gpu-pci     4.0    9.0   11.3        -  ok";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("60 frames a second") && !text.contains("Linux"));
        let last = "virtual machines: 1 passed, 0 failed, 1 skipped";
        assert_eq!(text.lines().last(), Some(last));
    }
}
