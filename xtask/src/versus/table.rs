//! The figures beside each other, a table a group.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::contest::Facts;
use super::entries::{Group, Score, figure};
use crate::error::Error;
use crate::road::Road;

/// Figures by group and row, in the order in which they came.
#[derive(Default)]
pub(crate) struct Table {
    groups: BTreeMap<Group, Vec<Row>>,
    /// Road, what was to be measured, and why it was not.
    failed: Vec<(Road, String, String)>,
}

/// One thing's figures.
struct Row {
    name: String,
    /// Of each round what each road came to.
    rounds: BTreeMap<u32, Round>,
}

#[derive(Clone, Copy, Default)]
struct Round {
    native: Option<f64>,
    virglrenderer: Option<f64>,
    paravane: Option<f64>,
}

impl Table {
    pub(crate) fn note(&mut self, group: Group, round: u32, road: Road, scores: Vec<Score>) {
        let rows = self.groups.entry(group).or_default();
        for score in scores {
            let at = rows.iter().position(|row| row.name == score.row);
            let at = at.unwrap_or_else(|| {
                rows.push(Row {
                    name: score.row.clone(),
                    rounds: BTreeMap::new(),
                });
                rows.len() - 1
            });
            let round = rows[at].rounds.entry(round).or_default();
            *round.of(road) = Some(score.rate);
        }
    }

    pub(crate) fn note_failure(&mut self, road: Road, title: &str, error: &Error) {
        self.failed
            .push((road, title.to_owned(), error.to_string()));
    }

    /// How many measurements through Paravane failed.
    pub(crate) fn failures(&self) -> usize {
        let ours = |(road, _, _): &&(Road, String, String)| *road == Road::Paravane;
        self.failed.iter().filter(ours).count()
    }

    pub(crate) fn markdown(&self, facts: &Facts, rounds: u32, seconds: f64) -> String {
        let mut out = format!(
            "# OpenGL natively, through virglrenderer and through Paravane\n\n\
             Made by `cargo xtask versus`: the same clients by each road in turn, {rounds} rounds \
             of {seconds} s a measurement. Figures are medians of the rounds, and so are ratios, \
             each of which is of one round. More is better; a ratio above 1 is Paravane ahead.\n\n\
             {facts}\n"
        );
        // A string takes all.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut impl Write) -> fmt::Result {
        self.write_means(out)?;
        for (group, rows) in &self.groups {
            writeln!(out, "\n## {}\n", group.title())?;
            writeln!(
                out,
                "| | native | virglrenderer | Paravane | to virglrenderer | to native |"
            )?;
            writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
            for row in rows {
                row.write(out)?;
            }
        }
        if !self.failed.is_empty() {
            writeln!(out, "\n## Failed\n")?;
        }
        for (road, title, why) in &self.failed {
            writeln!(out, "- {title}, {}: {why}", road.name())?;
        }
        Ok(())
    }

    fn write_means(&self, out: &mut impl Write) -> fmt::Result {
        writeln!(out, "\n## Geometric means of the ratios\n")?;
        writeln!(
            out,
            "| | rows | to virglrenderer | to native | behind virglrenderer |"
        )?;
        writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
        for (group, rows) in &self.groups {
            let mean_to = |road| mean(rows.iter().filter_map(|row| row.ratio(road)));
            let behind = |row: &&Row| row.ratio(Road::Virglrenderer).is_some_and(|to| to < 1.0);
            writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                group.title(),
                rows.len(),
                ratio(mean_to(Road::Virglrenderer)),
                ratio(mean_to(Road::Native)),
                rows.iter().filter(behind).count(),
            )?;
        }
        Ok(())
    }
}

impl Row {
    fn write(&self, out: &mut impl Write) -> fmt::Result {
        let cell = |road| self.median(road).map_or("-".to_owned(), figure);
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            // Pipes would end the cell.
            self.name.replace('|', "/"),
            cell(Road::Native),
            cell(Road::Virglrenderer),
            cell(Road::Paravane),
            ratio(self.ratio(Road::Virglrenderer)),
            ratio(self.ratio(Road::Native)),
        )
    }

    fn median(&self, road: Road) -> Option<f64> {
        let rounds = self.rounds.values().copied();
        median(rounds.filter_map(|mut round| *round.of(road)))
    }

    /// Paravane's figure by the other's, of each round that has both; the median.
    fn ratio(&self, to: Road) -> Option<f64> {
        let rounds = self.rounds.values().copied();
        median(rounds.filter_map(|mut round| Some(round.paravane? / (*round.of(to))?)))
    }
}

impl Round {
    fn of(&mut self, road: Road) -> &mut Option<f64> {
        match road {
            Road::Native => &mut self.native,
            Road::Virglrenderer => &mut self.virglrenderer,
            Road::Paravane => &mut self.paravane,
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out)
    }
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"))
}

/// The middle value; of an even number, the mean of the two.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let high = *values.get(values.len() / 2)?;
    let low = *values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(low, high))
}

fn mean(ratios: impl Iterator<Item = f64>) -> Option<f64> {
    let ratios: Vec<f64> = ratios.collect();
    let count = f64::from(u32::try_from(ratios.len()).ok()?);
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (count > 0.0).then(|| (sum / count).exp())
}

#[cfg(test)]
mod tests {
    use super::{Group, Score, Table, mean, median};
    use crate::error::Error;
    use crate::road::Road;

    fn note(table: &mut Table, round: u32, road: Road, rate: f64) {
        let row = "4 KiB".to_owned();
        table.note(
            Group::TextureUploads,
            round,
            road,
            vec![Score { row, rate }],
        );
    }

    #[test]
    fn a_ratio_is_of_one_round() {
        let mut table = Table::default();
        // The machine was twice as fast in the second round, and Paravane failed in the third.
        for (round, rival, ours) in [(0, 100.0, 150.0), (1, 200.0, 300.0)] {
            note(&mut table, round, Road::Virglrenderer, rival);
            note(&mut table, round, Road::Paravane, ours);
        }
        note(&mut table, 2, Road::Virglrenderer, 1000.0);
        let text = table.to_string();
        assert!(
            text.contains("| 4 KiB | - | 200 | 225 | 1.50 | - |"),
            "{text}"
        );
        assert!(text.contains("| 1 | 1.50 | - | 0 |"), "{text}");
    }

    #[test]
    fn only_our_failures_are_ours() {
        let mut table = Table::default();
        table.note_failure(Road::Virglrenderer, "x", &Error::Rule("no".into()));
        assert_eq!(table.failures(), 0);
        table.note_failure(Road::Paravane, "x", &Error::Rule("no".into()));
        assert_eq!(table.failures(), 1);
        assert!(table.to_string().contains("- x, through Paravane: no"));
    }

    #[test]
    fn means_and_medians() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([3.0, 1.0].into_iter()), Some(2.0));
        assert_eq!(median([].into_iter()), None);
        let mean = mean([0.5, 2.0].into_iter()).expect("there are some");
        assert!((mean - 1.0).abs() < 1e-9);
    }
}
