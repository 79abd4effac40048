//! Barriers of images that the host has otherwise than the guest thinks.
//!
//! Some are staged: see [`crate::staged`]. Others begin in `PREINITIALIZED` for the guest and in
//! `UNDEFINED` for the host, which is the same to tiled images: nobody can have initialized them.

use vulkan_types as t;
use vulkan_types::ImageLayout as L;

use crate::Fatal;
use crate::image;
use crate::scope::Scope;
use crate::staged::{self, Transfer};

/// `VK_QUEUE_FAMILY_EXTERNAL`.
const QUEUE_FAMILY_EXTERNAL: u32 = !1;
/// `VK_QUEUE_FAMILY_FOREIGN_EXT`.
const QUEUE_FAMILY_FOREIGN: u32 = !2;
/// `VK_QUEUE_FAMILY_IGNORED`.
pub(crate) const QUEUE_FAMILY_IGNORED: u32 = !0;

/// A barrier, whichever structure says it.
trait Barrier: Copy {
    fn families(&self) -> (u32, u32);
    fn layouts(&self) -> (L, L);
    fn image(&self) -> t::ImageId;
    /// The same barrier from another layout.
    fn begun_in(self, from: L) -> Self;
    /// The same barrier to another layout, without a change of family, for a copy to follow.
    fn redirected(self, from: L, to: L, copies: bool) -> Self;

    /// True where the image may be one that the host has otherwise.
    fn matters(&self) -> bool {
        self.hands_over() || self.layouts().0 == L::PREINITIALIZED
    }

    fn hands_over(&self) -> bool {
        let (from, to) = self.families();
        from != to && (is_foreign(from) || is_foreign(to))
    }
}

fn is_foreign(family: u32) -> bool {
    matches!(family, QUEUE_FAMILY_EXTERNAL | QUEUE_FAMILY_FOREIGN)
}

impl Barrier for t::ImageMemoryBarrier<'_> {
    fn families(&self) -> (u32, u32) {
        (self.src_queue_family_index, self.dst_queue_family_index)
    }

    fn layouts(&self) -> (L, L) {
        (self.old_layout, self.new_layout)
    }

    fn image(&self) -> t::ImageId {
        self.image
    }

    fn begun_in(self, from: L) -> Self {
        Self {
            old_layout: from,
            ..self
        }
    }

    fn redirected(self, from: L, to: L, copies: bool) -> Self {
        let copying = t::AccessFlags::TRANSFER_READ | t::AccessFlags::TRANSFER_WRITE;
        Self {
            dst_access_mask: if copies {
                copying
            } else {
                self.dst_access_mask
            },
            old_layout: from,
            new_layout: to,
            src_queue_family_index: QUEUE_FAMILY_IGNORED,
            dst_queue_family_index: QUEUE_FAMILY_IGNORED,
            ..self
        }
    }
}

impl Barrier for t::ImageMemoryBarrier2<'_> {
    fn families(&self) -> (u32, u32) {
        (self.src_queue_family_index, self.dst_queue_family_index)
    }

    fn layouts(&self) -> (L, L) {
        (self.old_layout, self.new_layout)
    }

    fn image(&self) -> t::ImageId {
        self.image
    }

    fn begun_in(self, from: L) -> Self {
        Self {
            old_layout: from,
            ..self
        }
    }

    fn redirected(self, from: L, to: L, copies: bool) -> Self {
        let copying = t::AccessFlags2::TRANSFER_READ | t::AccessFlags2::TRANSFER_WRITE;
        let (stage, access) = if copies {
            (t::PipelineStageFlags2::ALL_TRANSFER, copying)
        } else {
            (self.dst_stage_mask, self.dst_access_mask)
        };
        Self {
            dst_stage_mask: stage,
            dst_access_mask: access,
            old_layout: from,
            new_layout: to,
            src_queue_family_index: QUEUE_FAMILY_IGNORED,
            dst_queue_family_index: QUEUE_FAMILY_IGNORED,
            ..self
        }
    }
}

pub(crate) fn cmd_pipeline_barrier<'a>(
    s: &Scope<'a>,
    c: &t::CmdPipelineBarrier<'a>,
) -> Result<t::CmdPipelineBarrierReply, Fatal> {
    if !c.image_memory_barriers.iter().any(Barrier::matters) {
        return s.call(c);
    }
    let (barriers, copies) = redirect(s, c.image_memory_barriers)?;
    let mut dst_stage_mask = c.dst_stage_mask;
    if !copies.is_empty() {
        dst_stage_mask = dst_stage_mask | t::PipelineStageFlags::TRANSFER;
    }
    let reply = s.call(&t::CmdPipelineBarrier {
        image_memory_barriers: barriers,
        dst_stage_mask,
        ..*c
    })?;
    staged::record(s, c.command_buffer, &copies)?;
    Ok(reply)
}

pub(crate) fn cmd_pipeline_barrier2<'a>(
    s: &Scope<'a>,
    c: &t::CmdPipelineBarrier2<'a>,
) -> Result<t::CmdPipelineBarrier2Reply, Fatal> {
    let asked = c.dependency_info.image_memory_barriers;
    if !asked.iter().any(Barrier::matters) {
        return s.call(c);
    }
    let (image_memory_barriers, copies) = redirect(s, asked)?;
    let dependency_info = s.arena.alloc(t::DependencyInfo {
        image_memory_barriers,
        ..*c.dependency_info
    });
    let reply = s.call(&t::CmdPipelineBarrier2 {
        dependency_info,
        ..*c
    })?;
    staged::record(s, c.command_buffer, &copies)?;
    Ok(reply)
}

/// The barriers for the host, and the copies that follow those that hand staged images over.
fn redirect<'a, B: Barrier>(
    s: &Scope<'a>,
    barriers: &[B],
) -> Result<(&'a [B], Vec<Transfer>), Fatal> {
    let redirected = s.arena.alloc_slice_copy(barriers);
    let mut copies = Vec::new();
    for barrier in redirected.iter_mut().filter(|barrier| barrier.matters()) {
        let (image, device) = image::find(s, barrier.image())?;
        let (old, new) = barrier.layouts();
        let old = image.host_layout(old);
        let Some(staged) = image.staged() else {
            *barrier = barrier.begun_in(old);
            continue;
        };
        if !barrier.hands_over() || !staged.is_bound() || old == L::UNDEFINED {
            // Nothing to keep.
            *barrier = barrier.redirected(old, new, false);
            continue;
        }
        let out = is_foreign(barrier.families().1);
        *barrier = if out {
            barrier.redirected(old, L::TRANSFER_SRC_OPTIMAL, true)
        } else {
            // All of it is written over.
            barrier.redirected(L::UNDEFINED, L::TRANSFER_DST_OPTIMAL, true)
        };
        copies.push(Transfer {
            image,
            device,
            out,
            layout: new,
        });
    }
    Ok((redirected, copies))
}
