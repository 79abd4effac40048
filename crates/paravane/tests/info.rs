//! `paravane info`.

mod common;

use common::{finish, paravane, text};

#[test]
fn a_host_without_a_driver_is_told_what_to_install() {
    for json in [&["info"][..], &["info", "--json"]] {
        let mut command = paravane(json);
        command.env("VK_DRIVER_FILES", "/nowhere.json");
        command.env("VK_ICD_FILENAMES", "/nowhere.json");
        let output = finish(command.spawn().unwrap());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        // Whichever is missing here, the loader or a driver for it.
        let message = text(&output.stderr);
        assert!(message.starts_with("paravane: host failed: "), "{message}");
        assert!(message.contains("install "), "{message}");
        assert!(message.contains("mesa-vulkan-drivers"), "{message}");
    }
}

#[test]
fn a_render_node_that_is_none_is_refused() {
    for (node, why) in [
        ("/nowhere/renderD128", "No such file or directory"),
        ("/etc/passwd", "not a device"),
    ] {
        let output = finish(paravane(&["info", "--gpu", node]).spawn().unwrap());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let message = text(&output.stderr);
        assert!(
            message.contains(&format!("render node {node}: {why}")),
            "{message}"
        );
    }
}
