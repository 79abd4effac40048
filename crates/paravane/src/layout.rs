//! The address space grows upwards, so that neighbouring mappings of a driver become one.
//!
//! lavapipe (Mesa 26) maps each descriptor set from one file at rising offsets. The kernel
//! places mappings at falling addresses by default, cannot merge such neighbours, and refuses
//! mappings past `vm.max_map_count`, which the driver does not expect. With the older layout
//! (`ADDR_COMPAT_LAYOUT`, `personality(2)`) addresses rise as well and the mappings merge.
//! Address randomisation stays.

use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::personality::{self, Persona};

/// Starts this program again with the upward layout, once. The layout belongs to the address
/// space: the flag is cleared again, so that programs started from here have the usual one.
pub fn grow_upwards() {
    let Ok(persona) = personality::get() else {
        return;
    };
    if persona.contains(Persona::ADDR_COMPAT_LAYOUT) {
        let _ = personality::set(persona.difference(Persona::ADDR_COMPAT_LAYOUT));
        return;
    }
    if personality::set(persona | Persona::ADDR_COMPAT_LAYOUT).is_err() {
        return;
    }
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| "paravane".into());
    // Returns only when it fails: then this process goes on as it is.
    let error = Command::new("/proc/self/exe")
        .arg0(name)
        .args(arguments)
        .exec();
    tracing::debug!(%error, "not started again with the upward layout");
    let _ = personality::set(persona);
}
