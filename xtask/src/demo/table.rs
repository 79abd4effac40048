//! The table at the demo's end.

use std::fmt;

use crate::error::Result;
use crate::picture::Likeness;

#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<(String, Result<Row, String>)>,
}

/// One program's results; what was not measured is `None`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The device that the program saw through Paravane.
    seen: String,
    speeds: Option<Speeds>,
    picture: Option<Likeness>,
}

/// Frames a second by both roads.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Speeds {
    native: f64,
    through: f64,
}

impl Row {
    pub(crate) fn seen(device: String) -> Self {
        Self {
            seen: device,
            speeds: None,
            picture: None,
        }
    }

    pub(crate) fn with_speeds(mut self, native: f64, through: f64) -> Self {
        self.speeds = Some(Speeds { native, through });
        self
    }

    pub(crate) fn with_picture(mut self, likeness: Likeness) -> Self {
        self.picture = Some(likeness);
        self
    }
}

impl Speeds {
    fn ratio(self) -> f64 {
        self.through / self.native
    }
}

impl Table {
    pub(crate) fn push(&mut self, program: &str, row: Result<Row>) {
        let row = row.map_err(|error| error.to_string());
        if let Err(reason) = &row {
            println!("  {program} failed: {reason}");
        }
        self.rows.push((program.to_owned(), row));
    }

    /// Whether every program ran, and no picture differs by more than rounding.
    pub(crate) fn is_sound(&self) -> bool {
        let fine = |row: &Result<Row, String>| {
            row.as_ref()
                .is_ok_and(|row| !matches!(row.picture, Some(Likeness::Different(_))))
        };
        self.rows.iter().all(|(_, row)| fine(row))
    }

    /// The geometric mean of all ratios, if there is one.
    fn mean(&self) -> Option<f64> {
        let rows = self.rows.iter().filter_map(|(_, row)| row.as_ref().ok());
        let ratios: Vec<f64> = rows.filter_map(|row| Some(row.speeds?.ratio())).collect();
        let count = f64::from(u32::try_from(ratios.len()).ok()?);
        let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
        (count > 0.0).then(|| (sum / count).exp())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = |row: &Result<Row, String>| match row {
            Ok(row) => row.seen.clone(),
            Err(_) => "FAILED".to_owned(),
        };
        let devices = self.rows.iter().map(|(_, row)| seen(row).chars().count());
        let width = devices.max().unwrap_or(0).max(6);
        writeln!(
            out,
            "{:<18} {:<width$} {:>10} {:>10} {:>6}  picture",
            "program", "driver", "native", "paravane", "ratio"
        )?;
        for (program, row) in &self.rows {
            let row_of = row.as_ref().ok();
            let speeds = row_of.and_then(|row| row.speeds);
            let cell = |value: Option<f64>, digits| {
                value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
            };
            writeln!(
                out,
                "{program:<18} {:<width$} {:>10} {:>10} {:>6}  {}",
                seen(row),
                cell(speeds.map(|speeds| speeds.native), 0),
                cell(speeds.map(|speeds| speeds.through), 0),
                cell(speeds.map(Speeds::ratio), 2),
                verdict(row_of.and_then(|row| row.picture)),
            )?;
        }
        match self.mean() {
            Some(mean) => writeln!(out, "geometric mean of the ratios: {mean:.2}"),
            None => Ok(()),
        }
    }
}

fn verdict(likeness: Option<Likeness>) -> String {
    match likeness {
        Some(Likeness::Same) => "same".to_owned(),
        Some(Likeness::Rounded(pixels)) => format!("same but {pixels} pixels by 1/255"),
        Some(Likeness::Different(pixels)) => format!("DIFFERENT in {pixels} pixels"),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Table};
    use crate::error::Error;
    use crate::picture::Likeness;

    #[test]
    fn the_mean_is_geometric() {
        let mut table = Table::default();
        table.push("one", Ok(Row::seen("x".into()).with_speeds(100.0, 50.0)));
        table.push("two", Ok(Row::seen("x".into()).with_speeds(100.0, 200.0)));
        table.push(
            "three",
            Ok(Row::seen("x".into()).with_picture(Likeness::Same)),
        );
        assert!((table.mean().expect("two ratios") - 1.0).abs() < 1e-9);
        assert!(table.is_sound());
        let text = table.to_string();
        assert!(text.contains("0.50") && text.contains("same"), "{text}");
    }

    #[test]
    fn a_failure_or_a_wrong_picture_is_not_sound() {
        let mut failed = Table::default();
        failed.push("one", Err(Error::Rule("no".into())));
        assert!(!failed.is_sound() && failed.mean().is_none());
        let mut different = Table::default();
        different.push(
            "one",
            Ok(Row::seen("x".into()).with_picture(Likeness::Different(1))),
        );
        assert!(!different.is_sound());
    }
}
