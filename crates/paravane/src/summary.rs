use std::fmt;
use std::time::Duration;

use context::{CapsetId, ContextStats};
use door_vtest::{ClientReport, Counts, Stats};

use crate::program::End;
use crate::words::{bytes, version};

/// What `--stats` prints.
pub(crate) struct Summary<'a> {
    /// The program.
    pub(crate) command: &'a str,
    /// How it ended.
    pub(crate) end: End,
    /// From its start to its end.
    pub(crate) elapsed: Duration,
    /// What its connections did.
    pub(crate) stats: &'a Stats,
    /// Processor time of the server.
    pub(crate) processor: Duration,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            command,
            end,
            elapsed,
            stats,
            processor,
        } = self;
        let seconds = elapsed.as_secs_f64();
        writeln!(f, "paravane: {command}: {end} after {seconds:.2} s")?;
        if stats.clients == 0 {
            return writeln!(f, "  It did not connect: no Vulkan went through Paravane.");
        }
        for report in &stats.reports {
            client(f, report)?;
        }
        let more = stats.clients.saturating_sub(stats.reports.len() as u64);
        if more != 0 {
            writeln!(f, "  {more} more clients")?;
        }
        if stats.clients > 1 {
            writeln!(
                f,
                "  together, {} clients, {} dropped",
                stats.clients, stats.dropped
            )?;
            counts(f, &stats.totals)?;
        }
        let processor = processor.as_secs_f64();
        writeln!(
            f,
            "  server: {processor:.2} s of processor time, its drivers' included"
        )
    }
}

fn client(f: &mut fmt::Formatter<'_>, report: &ClientReport) -> fmt::Result {
    let capset = match report.capset {
        Some(CapsetId::VENUS) => "Venus".to_owned(),
        Some(CapsetId::VIRGL | CapsetId::VIRGL2) => "virgl".to_owned(),
        Some(other) => format!("capset {other}"),
        None => "no context".to_owned(),
    };
    let pid = report.pid.map(|pid| format!(" (pid {pid})"));
    writeln!(
        f,
        "  {}{}: {capset}, vtest version {}, {:.2} s",
        report.name,
        pid.unwrap_or_default(),
        report.version,
        report.connected.as_secs_f64(),
    )?;
    if let Some(stats) = &report.context {
        context(f, stats)?;
    }
    counts(f, &report.counts)?;
    if let Some(refusal) = &report.refusal {
        writeln!(f, "    first refusal: {refusal}")?;
    }
    match &report.dropped {
        Some(reason) => writeln!(f, "    dropped: {reason}"),
        None => Ok(()),
    }
}

/// What a program says of itself, and what it did with the GPU.
fn context(f: &mut fmt::Formatter<'_>, stats: &ContextStats) -> fmt::Result {
    if let Some(application) = &stats.application {
        let engine = match application.engine.as_str() {
            "" => String::new(),
            engine => format!(" ({})", printable(engine)),
        };
        let version = match application.api_version {
            0 => "1.0".to_owned(),
            asked => version(asked),
        };
        let name = printable(&application.name);
        writeln!(
            f,
            "    {:<15}{name}{engine}, for Vulkan {version}",
            "application"
        )?;
    }
    for gpu in &stats.gpus {
        writeln!(f, "    {:<15}{gpu}", "GPU")?;
    }
    let rows = [
        ("commands", stats.commands, String::new()),
        ("draws", stats.draws, "recorded".into()),
        ("dispatches", stats.dispatches, "recorded".into()),
        ("pipelines", stats.pipelines, String::new()),
        (
            "queue submits",
            stats.submissions,
            "a frame that is shown takes two or three".into(),
        ),
    ];
    for (what, count, remark) in rows {
        row(f, what, count, &remark)?;
    }
    if stats.failures != 0 {
        row(
            f,
            "failed",
            stats.failures,
            "commands, which changed nothing",
        )?;
    }
    let peak = bytes(stats.memory_peak);
    writeln!(f, "    {:<15}{peak:>10}  at most at a time", "memory")?;
    writeln!(f, "    {:<15}{:>10}", "replies", bytes(stats.reply_bytes))
}

/// What a program calls itself, with nothing in it that a terminal acts upon.
fn printable(name: &str) -> String {
    let shown = name.chars().take(MAX_SHOWN_NAME);
    let shown: String = shown
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    match shown.is_empty() {
        true => "unnamed".to_owned(),
        false => shown,
    }
}

/// Characters of a program's name that are shown: a longer one says no more.
const MAX_SHOWN_NAME: usize = 64;

fn row(f: &mut fmt::Formatter<'_>, what: &str, count: u64, remark: &str) -> fmt::Result {
    let line = format!("    {what:<15}{count:>10}  {remark}");
    writeln!(f, "{}", line.trim_end())
}

fn counts(f: &mut fmt::Formatter<'_>, counts: &Counts) -> fmt::Result {
    let rows = [
        ("requests", counts.requests, None),
        ("contexts", counts.contexts, None),
        ("streams", counts.submits, Some(counts.command_bytes)),
        ("shared blobs", counts.blobs, Some(counts.blob_bytes)),
        ("fences", counts.fences, None),
        ("waits", counts.waits, None),
    ];
    for (what, count, size) in rows {
        row(f, what, count, &size.map(bytes).unwrap_or_default())?;
    }
    let only_virgl = [
        ("resources", counts.resources),
        ("transfers", counts.transfers),
        ("refusals", counts.refusals),
    ];
    for (what, count) in only_virgl.into_iter().filter(|(_, count)| *count != 0) {
        row(f, what, count, "")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use context::Application;

    fn print(stats: &Stats) -> String {
        let summary = Summary {
            command: "vkcube",
            end: End::Exited(0),
            elapsed: Duration::from_millis(1500),
            stats,
            processor: Duration::from_millis(250),
        };
        summary.to_string()
    }

    #[test]
    fn a_program_without_vulkan_is_told_apart() {
        assert_eq!(
            print(&Stats::default()),
            "paravane: vkcube: exit status 0 after 1.50 s\n  \
             It did not connect: no Vulkan went through Paravane.\n"
        );
    }

    #[test]
    fn each_client_has_its_lines() {
        let counts = Counts {
            requests: 100,
            contexts: 1,
            submits: 7,
            command_bytes: 1023,
            blobs: 3,
            blob_bytes: 5 << 20,
            resources: 0,
            transfers: 0,
            refusals: 0,
            fences: 2,
            waits: 1,
        };
        let report = ClientReport {
            name: "vkcube".into(),
            pid: Some(12),
            version: 4,
            capset: Some(CapsetId::VENUS),
            counts,
            context: Some(ContextStats {
                application: Some(Application {
                    name: "cube\u{1b}[31m".into(),
                    engine: "an engine".into(),
                    api_version: 1 << 22 | 3 << 12,
                }),
                gpus: vec!["a GPU".into()],
                commands: 12345,
                failures: 1,
                draws: 60,
                dispatches: 1,
                pipelines: 2,
                submissions: 62,
                memory_peak: 3 << 20,
                reply_bytes: 800,
            }),
            connected: Duration::from_secs(1),
            refusal: None,
            dropped: Some("no sync 5".into()),
        };
        let stats = Stats {
            clients: 2,
            dropped: 1,
            totals: counts,
            reports: vec![report],
        };
        insta::assert_snapshot!(print(&stats));
    }
}
