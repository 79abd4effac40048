//! Many processes that measure at the same time.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{Measured, Plan, Report, print};
use crate::error::{Error, Result};

/// What a process prints when it is warm.
pub(super) const READY: &str = "ready";

/// Runs the plan's parts one after the other, each in so many processes; the rates are those of
/// all together.
pub(super) fn measure(plan: &Plan) -> Result<Report> {
    let mut whole = Report {
        device: String::new(),
        parts: Vec::new(),
    };
    for part in super::chosen(plan) {
        if matches!(part.start, super::Start::Sizes(_)) {
            let name = part.name;
            return Err(Error::Usage(format!("{name} is for one client at a time")));
        }
        let report = part_of_all(plan, part.name)?;
        whole.device = report.device;
        for measured in report.parts {
            if !plan.json {
                print(&measured);
            }
            whole.parts.push(measured);
        }
    }
    Ok(whole)
}

fn part_of_all(plan: &Plan, part: &str) -> Result<Report> {
    let clients = (0..plan.clients).map(|_| Client::start(plan, part));
    let mut clients = clients.collect::<Result<Vec<_>>>()?;
    for client in &mut clients {
        client.until_ready()?;
    }
    for client in &mut clients {
        client.go()?;
    }
    let reports = clients.into_iter().map(Client::report);
    let mut reports = reports.collect::<Result<Vec<_>>>()?.into_iter();
    let first = reports
        .next()
        .ok_or_else(|| Error::Client("there is none".to_owned()))?;
    Ok(reports.fold(first, sum))
}

/// What both did together.
fn sum(mut all: Report, more: Report) -> Report {
    for (all, more) in all.parts.iter_mut().zip(more.parts) {
        add(all, &more);
    }
    all
}

fn add(all: &mut Measured, more: &Measured) {
    all.median += more.median;
    for (all, more) in all.windows.iter_mut().zip(&more.windows) {
        *all += more;
    }
}

/// A process that measures one part.
struct Client {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Client {
    fn start(plan: &Plan, part: &str) -> Result<Self> {
        let program = std::env::current_exe().map_err(failed)?;
        let mut child = Command::new(program)
            .args(["bench", "--json", "--wait", "--seconds"])
            .args([&plan.seconds.to_string(), part])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let output = child.stdout.take().map(BufReader::new);
        let output = output.ok_or_else(|| Error::Client("has no output".to_owned()))?;
        Ok(Self { child, output })
    }

    fn until_ready(&mut self) -> Result<()> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(failed)?;
        if line.trim() == READY {
            return Ok(());
        }
        Err(Error::Client(format!(
            "did not get ready: `{}`",
            line.trim()
        )))
    }

    fn go(&mut self) -> Result<()> {
        let input = self.child.stdin.as_mut();
        input
            .map_or(Ok(()), |input| input.write_all(b"go\n"))
            .map_err(failed)
    }

    fn report(mut self) -> Result<Report> {
        let mut text = String::new();
        self.output.read_to_string(&mut text).map_err(failed)?;
        let status = self.child.wait().map_err(failed)?;
        if !status.success() {
            return Err(Error::Client(format!("ended with {status}")));
        }
        serde_json::from_str(&text).map_err(|error| Error::Client(error.to_string()))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // One that has ended by itself is not there to be ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::Client(error.to_string())
}
