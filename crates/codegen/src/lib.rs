//! The Venus protocol from vk.xml: registry, resolve, emit.
