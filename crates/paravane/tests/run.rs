//! `paravane run`.

mod common;

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{finish, greet, hearing, installed, left_behind, line, run, text};

fn output(command: &mut Command) -> Output {
    finish(command.spawn().unwrap())
}

fn exit_code(args: &[&str]) -> i32 {
    output(&mut run(&installed(), args)).status.code().unwrap()
}

#[test]
fn the_programs_end_is_passed_on() {
    assert_eq!(exit_code(&["true"]), 0);
    assert_eq!(exit_code(&["sh", "-c", "exit 42"]), 42);
    assert_eq!(exit_code(&["--", "sh", "-c", "kill -KILL $$"]), 128 + 9);
    assert_eq!(exit_code(&["/nowhere/at-all"]), 127);
    assert_eq!(exit_code(&["/etc/passwd"]), 126);
}

#[test]
fn the_program_sees_the_private_server_and_the_guest_driver() {
    let dir = installed();
    let script =
        r#"env; stat -c %a "$(dirname "$VTEST_SOCKET_NAME")"; test -S "$VTEST_SOCKET_NAME""#;
    let output = output(
        run(&dir, &["sh", "-c", script])
            .env("VN_DEBUG", "init")
            .env("DISPLAY", ":99")
            .env("VK_DRIVER_FILES", "/host.json"),
    );
    assert!(output.status.success());
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    let env: HashMap<_, _> = lines
        .iter()
        .filter_map(|line| line.split_once('='))
        .collect();
    let icds = dir.path().join("vulkan/icd.d");
    let icds = ["virtio_icd.i686.json", "virtio_icd.x86_64.json"].map(|name| icds.join(name));
    let icds = format!("{}:{}", icds[0].display(), icds[1].display());
    assert_eq!(env["VN_DEBUG"], "init,vtest");
    assert_eq!(env["MESA_VK_WSI_DEBUG"], "sw");
    assert_eq!(env["VK_DRIVER_FILES"], icds);
    assert_eq!(env["VK_ICD_FILENAMES"], icds);
    assert!(Path::new(env["VTEST_SOCKET_NAME"]).starts_with(dir.path()));
    assert_eq!(lines.last(), Some(&"700"));
    assert_eq!(left_behind(&dir), Vec::<PathBuf>::new());
}

#[test]
fn the_programs_signals_are_as_usual() {
    let grep = ["grep", "^Sig[BIC]", "/proc/self/status"];
    let usual = hearing(grep[0]).args(&grep[1..]).output().unwrap();
    let ours = output(&mut run(&installed(), &grep));
    assert_eq!(text(&ours.stdout), text(&usual.stdout));
}

#[test]
fn the_summary_tells_what_a_client_did() {
    let dir = installed();
    let script = r#"echo "$VTEST_SOCKET_NAME"; read end; exit 3"#;
    let mut child = run(&dir, &["--stats", "sh", "-c", script]).spawn().unwrap();
    let socket = line(&mut child);
    drop(greet(Path::new(&socket), "a program"));
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let output = finish(child);
    assert_eq!(output.status.code(), Some(3));
    let summary = text(&output.stderr);
    assert!(
        summary.contains("paravane: sh: exit status 3 after "),
        "{summary}"
    );
    assert!(summary.contains("  a program (pid "), "{summary}");
    assert!(
        summary.contains("    requests                2\n"),
        "{summary}"
    );
}

#[test]
fn a_missing_driver_is_explained() {
    let empty = tempfile::tempdir().unwrap();
    let output = output(run(&empty, &["true"]).env("HOME", empty.path()));
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(
        message.starts_with("paravane: Mesa's Venus driver is not installed"),
        "{message}"
    );
    assert!(message.contains("mesa-vulkan-drivers"), "{message}");
}

/// Somebody who names a GPU does not want another one.
#[test]
fn a_gpu_that_is_not_there_is_an_error() {
    let dir = installed();
    let output = output(&mut run(&dir, &["--gpu", "no such card", "true"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot offer Venus"));
}

#[test]
fn a_driver_can_be_named() {
    let empty = tempfile::tempdir().unwrap();
    let icd = empty.path().join("my.json");
    std::fs::write(&icd, "{}").unwrap();
    let path = icd.to_str().unwrap();
    let named = output(&mut run(
        &empty,
        &["--icd", path, "sh", "-c", "echo $VK_DRIVER_FILES"],
    ));
    assert_eq!(text(&named.stdout).trim_end(), path);
    let missing = output(&mut run(&empty, &["--icd", "/nowhere.json", "true"]));
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn without_a_runtime_directory_there_is_tmp() {
    let dir = installed();
    let mut command = run(&dir, &["sh", "-c", "echo $VTEST_SOCKET_NAME"]);
    let output = output(command.env("XDG_RUNTIME_DIR", "/nowhere/at-all"));
    let socket = PathBuf::from(text(&output.stdout).trim_end());
    assert!(socket.starts_with("/tmp"), "{}", socket.display());
    assert!(!socket.parent().unwrap().exists());
}

#[test]
fn a_bad_log_filter_is_an_error() {
    let output = output(run(&installed(), &["true"]).env("PARAVANE_LOG", "a=b=c"));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("PARAVANE_LOG"), "{output:?}");
}

#[test]
fn the_private_directory_is_private_whatever_the_umask() {
    let dir = installed();
    let script = r#"stat -c %a "$(dirname "$VTEST_SOCKET_NAME")""#;
    let paravane = env!("CARGO_BIN_EXE_paravane");
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            r#"umask 000; exec "$@""#,
            "sh",
            paravane,
            "run",
            "sh",
            "-c",
            script,
        ])
        .env("XDG_DATA_DIRS", dir.path())
        .env("XDG_RUNTIME_DIR", dir.path());
    assert_eq!(text(&shell.output().unwrap().stdout), "700\n");
}
