//! What a guest can ask the machine outside to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Process, Qmp, Session, names, pictures};
use crate::command;
use crate::error::{Error, Result};
use crate::picture::Picture;

impl Session<'_> {
    pub(super) fn do_what_is_asked(&mut self, words: &[String]) -> Result<String> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["screendump", name] => self.screendump(&self.picture(name)?, None),
            ["screendump", name, head] => self.screendump(&self.picture(name)?, Some(head)),
            ["screenshot", name] => self.screenshot(&self.picture(name)?, "0"),
            ["screenshot", name, head] => self.screenshot(&self.picture(name)?, head),
            ["window", name] => pictures::of_window(&self.setup.folder, &self.picture(name)?),
            ["resize", head, width, height] => self.resize(head, width, height),
            ["back-end", "kill"] => {
                self.back_end = None;
                Ok(())
            }
            ["qmp", command, ref json @ ..] => return self.qmp(command, &json.concat()),
            ["natively", program, ref words @ ..] => self.natively(program, words),
            ["cpu"] => return Ok(self.cpu()),
            _ => Err(Error::Rule(format!("nobody knows how to {words:?}"))),
        }
        .map(|()| "done".to_owned())
    }

    /// QEMU's own picture of an output; a first one is there before the guest has drawn.
    pub(super) fn screendump(&mut self, into: &Path, head: Option<&str>) -> Result<()> {
        let mut arguments = json!({"filename": into, "format": "png"});
        if let Some(head) = head {
            let number: u32 = head.parse().map_err(|_| not_a_number(head))?;
            arguments["device"] = json!(names::CARD);
            arguments["head"] = json!(number);
        }
        self.qemu_monitor()?.execute("screendump", &arguments)?;
        Ok(())
    }

    /// Paravane's own picture of an output: `screen-NUMBER-COUNT.png`.
    fn screenshot(&self, into: &Path, head: &str) -> Result<()> {
        let folder = self.setup.folder.join(pictures::SCREENS);
        let gone = || Error::Missing("there is no back end".to_owned());
        let back_end = self.back_end.as_ref().ok_or_else(gone)?;
        let patience = Duration::from_secs(10) * self.setup.patience;
        let start = Instant::now();
        let mut asked = Duration::ZERO;
        while start.elapsed() < patience {
            // Of an output that shows nothing yet there is no picture.
            if start.elapsed() >= asked {
                back_end.signal("paravane", Signal::USR1)?;
                asked += Duration::from_secs(2);
            }
            std::thread::sleep(Duration::from_millis(50));
            let found = taken(&folder, head)?;
            // Not before it is whole.
            if let Some(path) = found.filter(|path| Picture::read(path).is_ok()) {
                fs::copy(&path, into).map_err(Error::io("copy", &path))?;
                return empty(&folder);
            }
        }
        let seconds = patience.as_secs();
        let text = format!("Paravane took no picture of output {head} in {seconds} s");
        Err(Error::Rule(text))
    }

    /// Where a picture of this name goes.
    fn picture(&self, name: &str) -> Result<PathBuf> {
        if name.contains('/') || name.starts_with('.') {
            return Err(Error::Rule(format!("`{name}` is no name for a picture")));
        }
        Ok(self.setup.results.join(name))
    }

    fn resize(&self, head: &str, width: &str, height: &str) -> Result<()> {
        let mut send = self
            .setup
            .site
            .resize(&self.setup.folder, head, width, height);
        let output = command::output(&mut send)?;
        if output.status.success() {
            return Ok(());
        }
        let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::Rule(format!("SetUIInfo: {complaint}")))
    }

    /// Runs a program of the guest's where the back end runs, with the same drivers, in the folder
    /// of the guest's results.
    fn natively(&self, program: &str, words: &[&str]) -> Result<()> {
        let (site, folder) = (self.setup.site, self.setup.folder.join("share/results"));
        let program = self.setup.folder.join("share/bin").join(program);
        let output = command::output(&mut site.natively(&folder, &program, words))?;
        if output.status.success() {
            return Ok(());
        }
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        let last = printed.lines().last().unwrap_or("without a word");
        let status = output.status;
        Err(Error::Rule(format!(
            "{}: {status}: {last}",
            program.display()
        )))
    }

    fn qmp(&mut self, command: &str, json: &str) -> Result<String> {
        let arguments = if json.is_empty() { "{}" } else { json };
        let arguments: Value = serde_json::from_str(arguments)
            .map_err(|error| Error::Rule(format!("{arguments}: {error}")))?;
        let answer = self.qemu_monitor()?.execute(command, &arguments)?;
        Ok(answer.to_string())
    }

    /// What QEMU and the back end have used of the CPUs so far, in seconds.
    fn cpu(&self) -> String {
        let qemu = self.qemu.cpu_seconds();
        let back_end = self.back_end.as_ref().map_or(0.0, Process::cpu_seconds);
        format!("{qemu:.2} {back_end:.2}")
    }

    fn qemu_monitor(&mut self) -> Result<&mut Qmp> {
        if self.qmp.is_none() {
            self.qmp = Some(self.connect()?);
        }
        let gone = || Error::Missing("there is no QMP".to_owned());
        self.qmp.as_mut().ok_or_else(gone)
    }

    /// Connects as soon as QEMU has made the socket.
    fn connect(&self) -> Result<Qmp> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match Qmp::connect(&self.setup.folder, names::QMP) {
                Err(_) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                result => return result,
            }
        }
    }
}

/// The picture of output `head` in `folder`.
fn taken(folder: &Path, head: &str) -> Result<Option<PathBuf>> {
    let prefix = format!("screen-{head}-");
    let fits = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&prefix) && name.ends_with(".png")
    };
    let entries = fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.find(fits))
}

/// The next picture is not to be taken for this one.
fn empty(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = entry.map_err(Error::io("read", folder))?.path();
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    Ok(())
}

fn not_a_number(text: &str) -> Error {
    Error::Rule(format!("`{text}` is no number"))
}
