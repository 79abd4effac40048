//! What a process could do by its user's rights.

use std::io;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
};

/// No program that is started has more rights than this one.
pub(crate) fn take_no_more() -> io::Result<()> {
    Ok(set_no_new_privs(true)?)
}

/// Drops all capabilities (`capabilities(7)`) for good.
pub(crate) fn drop_capabilities() -> io::Result<()> {
    // Neither matters once no program can be started, and neither can be done by everybody.
    for capability in CapabilitySet::all() {
        let _ = remove_capability_from_bounding_set(capability);
    }
    let _ = clear_ambient_capability_set();
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none)?;
    // Who loses rights is no longer to be looked into, says Linux; the user who started this is.
    Ok(set_dumpable_behavior(DumpableBehavior::Dumpable)?)
}
