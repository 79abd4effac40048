//! A memory type of the guest's own, for images that it may exchange.
//!
//! Where dma-bufs are emulated, such images lie on pages of ours. A discrete GPU imports pages
//! only as types that are not device-local, and Mesa's swapchains demand a device-local type of
//! every image (`src/vulkan/wsi/wsi_common.c`, `wsi_select_memory_type`, which ends in code that
//! must not be reached when there is none). So guests of such a host see one type more than it
//! has: device-local by its flags, pages in truth. Only images to be exchanged name it.

use std::sync::Arc;

use host_vulkan::{PhysicalDevice, Rung};
use vulkan_types as t;

/// `VK_MAX_MEMORY_TYPES`.
const MAX_MEMORY_TYPES: u32 = 32;

/// The type, if guests need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// The guest's index of it: the one after the host's last.
    pub(crate) index: u32,
    /// The host's type that its allocations are of.
    pub(crate) host_index: u32,
    heap: u32,
}

impl Exchange {
    /// The type that guests of an emulating host's device need.
    pub(crate) fn of(host: &Arc<PhysicalDevice>) -> Option<Self> {
        Self::among(host.memory_types(), |index| {
            host.ladder().rung(index) == Rung::HostPointer
        })
    }

    fn among(types: &[t::MemoryType], on_pages: impl Fn(u32) -> bool) -> Option<Self> {
        let local = t::MemoryPropertyFlags::DEVICE_LOCAL;
        let pages: Vec<_> = (0u32..)
            .zip(types)
            .filter(|(index, _)| on_pages(*index))
            .collect();
        let with = |flag| {
            pages
                .iter()
                .find(|(_, of)| of.property_flags.contains(flag))
        };
        if with(local).is_some() {
            return None;
        }
        // Who reads an exchanged image is as often a processor.
        let chosen = with(t::MemoryPropertyFlags::HOST_CACHED).or(pages.first())?;
        let heap = types
            .iter()
            .find(|of| of.property_flags.contains(local))?
            .heap_index;
        let index = u32::try_from(types.len()).ok()?;
        (index < MAX_MEMORY_TYPES).then_some(Self {
            index,
            host_index: chosen.0,
            heap,
        })
    }

    /// As the guest sees it.
    pub(crate) fn memory_type(self) -> t::MemoryType {
        t::MemoryType {
            property_flags: t::MemoryPropertyFlags::DEVICE_LOCAL,
            heap_index: self.heap,
        }
    }

    /// Its bit in a mask of types, where the host's type is in it.
    pub(crate) fn bit_in(self, types: u32) -> u32 {
        (types >> self.host_index & 1) << self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use t::MemoryPropertyFlags as Flags;

    fn of(flags: &[Flags], pages: u32) -> Option<Exchange> {
        let types: Vec<_> = flags
            .iter()
            .map(|flags| t::MemoryType {
                property_flags: *flags,
                heap_index: u32::from(flags.contains(Flags::DEVICE_LOCAL)),
            })
            .collect();
        Exchange::among(&types, |index| pages >> index & 1 != 0)
    }

    #[test]
    fn a_discrete_gpu_gets_one() {
        let visible = Flags::HOST_VISIBLE | Flags::HOST_COHERENT;
        let types = [
            Flags::default(),
            Flags::DEVICE_LOCAL,
            visible,
            visible | Flags::HOST_CACHED,
            visible | Flags::DEVICE_LOCAL,
        ];
        let exchange = of(&types, 0b01100).unwrap();
        assert_eq!((exchange.index, exchange.host_index), (5, 3));
        assert_eq!(exchange.memory_type().heap_index, 1);
        assert_eq!(exchange.bit_in(0b11111), 1 << 5);
        assert_eq!(exchange.bit_in(0b00111), 0);
    }

    #[test]
    fn shared_memory_needs_none() {
        assert_eq!(of(&[Flags::DEVICE_LOCAL | Flags::HOST_VISIBLE], 1), None);
    }

    #[test]
    fn without_pages_or_room_there_is_none() {
        let visible = Flags::HOST_VISIBLE;
        assert_eq!(of(&[visible, Flags::DEVICE_LOCAL], 0), None);
        let mut types = [visible; 32];
        types[31] = Flags::DEVICE_LOCAL;
        assert_eq!(of(&types, 1), None);
        assert!(of(&types[1..], 1).is_some());
    }
}
