use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The variables that lead a program's Vulkan, and its OpenGL if the server offers virgl, to the
/// server at `socket`, given what `var` has for them now.
pub(crate) fn for_client(
    socket: &Path,
    icds: &[PathBuf],
    offers_virgl: bool,
    var: impl Fn(&str) -> Option<OsString>,
) -> Vec<(&'static str, OsString)> {
    let icds = join(icds.iter().map(|icd| icd.as_os_str()), ":");
    let mut variables = vec![
        ("VN_DEBUG", added(var("VN_DEBUG"), "vtest")),
        ("VTEST_SOCKET_NAME", socket.into()),
        // The new name, and the one that older loaders know.
        ("VK_DRIVER_FILES", icds.clone()),
        ("VK_ICD_FILENAMES", icds),
    ];
    if var("VN_PERF").is_none_or(|value| value.is_empty()) {
        variables.push(("VN_PERF", perf(has_display(&var)).into()));
    }
    if offers_virgl && !chooses_opengl(&var) {
        variables.push(("GALLIUM_DRIVER", "virpipe".into()));
        // Mesa looks for virpipe only where no hardware is.
        variables.push(("LIBGL_ALWAYS_SOFTWARE", "true".into()));
    }
    if let Some(wsi) = wsi_debug(var) {
        variables.push(("MESA_VK_WSI_DEBUG", wsi));
    }
    variables
}

/// Whether the program's OpenGL has been given a driver by name: Zink, mostly, which comes here
/// as Vulkan.
fn chooses_opengl(var: &impl Fn(&str) -> Option<OsString>) -> bool {
    var("MESA_LOADER_DRIVER_OVERRIDE").is_some_and(|value| !value.is_empty())
}

/// What Mesa's driver had better not do on this road; it passes over what it does not know.
///
/// Asking this server whether a fence has signalled takes less time than Mesa's own way, by
/// memory that the GPU writes, which was made for a virtual machine's slower road. And a thread
/// of its own for presenting (Mesa 26) costs a headless program a fifth to two fifths of its
/// frames: it gains by waiting beside the program for a display, and there is none.
fn perf(display: bool) -> &'static str {
    if display {
        "no_fence_feedback"
    } else {
        "no_fence_feedback,no_async_present"
    }
}

fn has_display(var: &impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name| var(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// A display server cannot take the pictures of a driver that it does not know, so they are
/// copied ("sw"). Without one there is nobody to show them to, and nothing is copied.
fn wsi_debug(var: impl Fn(&str) -> Option<OsString>) -> Option<OsString> {
    let given = var("MESA_VK_WSI_DEBUG").is_some_and(|value| !value.is_empty());
    (!given && has_display(&var)).then(|| "sw".into())
}

/// A list of options with one more.
fn added(list: Option<OsString>, option: &str) -> OsString {
    match list {
        Some(list) if !list.is_empty() => join([list.as_os_str(), option.as_ref()], ","),
        _ => option.into(),
    }
}

fn join<'a>(parts: impl IntoIterator<Item = &'a OsStr>, separator: &str) -> OsString {
    let mut joined = OsString::new();
    for part in parts {
        if !joined.is_empty() {
            joined.push(separator);
        }
        joined.push(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_added_and_drivers_replaced() {
        let var = |name: &str| match name {
            "VN_DEBUG" => Some("init".into()),
            "VK_DRIVER_FILES" => Some("/host.json".into()),
            "MESA_VK_WSI_DEBUG" => Some("".into()),
            "DISPLAY" => Some(":0".into()),
            _ => None,
        };
        let icds = ["/a.json".into(), "/b.json".into()];
        let expected = [
            ("VN_DEBUG", "init,vtest"),
            ("VTEST_SOCKET_NAME", "/run/socket"),
            ("VK_DRIVER_FILES", "/a.json:/b.json"),
            ("VK_ICD_FILENAMES", "/a.json:/b.json"),
            ("VN_PERF", "no_fence_feedback"),
            ("MESA_VK_WSI_DEBUG", "sw"),
        ];
        let expected = expected.map(|(name, value)| (name, value.into()));
        let found = for_client(Path::new("/run/socket"), &icds, false, var);
        assert_eq!(found, expected);
    }

    #[test]
    fn opengl_comes_here_where_virgl_is_offered_and_nothing_else_chosen() {
        let opengl = |offers_virgl, driver: Option<&'static str>| {
            let var = move |name: &str| {
                driver
                    .filter(|_| name == "MESA_LOADER_DRIVER_OVERRIDE")
                    .map(Into::into)
            };
            let mut found = for_client(Path::new("/s"), &[], offers_virgl, var);
            found.retain(|(name, _)| ["GALLIUM_DRIVER", "LIBGL_ALWAYS_SOFTWARE"].contains(name));
            found
        };
        let virpipe = vec![
            ("GALLIUM_DRIVER", "virpipe".into()),
            ("LIBGL_ALWAYS_SOFTWARE", "true".into()),
        ];
        assert_eq!(opengl(true, None), virpipe);
        assert_eq!(opengl(true, Some("")), virpipe);
        assert_eq!(opengl(true, Some("zink")), []);
        assert_eq!(opengl(false, None), []);
    }

    #[test]
    fn presenting_needs_no_thread_without_a_display() {
        let perf = |given: Option<&'static str>| {
            let var = move |name: &str| given.filter(|_| name == "VN_PERF").map(Into::into);
            let found = for_client(Path::new("/s"), &[], false, var);
            found
                .into_iter()
                .find(|(name, _)| *name == "VN_PERF")
                .map(|(_, value)| value)
        };
        let ours = Some("no_fence_feedback,no_async_present".into());
        assert_eq!(perf(None), ours);
        assert_eq!(perf(Some("")), ours);
        assert_eq!(perf(Some("no_multi_ring")), None);
    }

    #[test]
    fn pictures_are_copied_for_a_display_alone() {
        let given = |variables: &'static [(&str, &str)]| {
            wsi_debug(move |name: &str| {
                let known = variables.iter().find(|(known, _)| *known == name);
                known.map(|(_, value)| value.into())
            })
        };
        assert_eq!(given(&[]), None);
        assert_eq!(given(&[("DISPLAY", ""), ("WAYLAND_DISPLAY", "")]), None);
        assert_eq!(given(&[("DISPLAY", ":1")]), Some("sw".into()));
        assert_eq!(given(&[("WAYLAND_DISPLAY", "w")]), Some("sw".into()));
        let users = given(&[("DISPLAY", ":1"), ("MESA_VK_WSI_DEBUG", "buffer")]);
        assert_eq!(users, None);
    }
}
