//! Fences and semaphores: waits that can be given up, and sync files without files.
//!
//! A guest exports a sync file by asking the renderer to let go of the payload, and imports
//! one that has signalled already by asking for a payload that has. Both are queue operations
//! on any queue ("Semaphore Payloads", "Fence Payloads" of the Vulkan specification).

use std::sync::Arc;
use std::time::Instant;

use vulkan_types as t;

use crate::Fatal;
use crate::device::{self, Device};
use crate::limits::{LATE_STATUS, WAIT_SLICE};
use crate::objects::Held;
use crate::patience::breathe;
use crate::physical_device::filter_chain;
use crate::release;
use crate::scope::Scope;

pub(crate) fn create_fence(
    s: &Scope<'_>,
    c: &t::CreateFence<'_>,
) -> Result<t::CreateFenceReply, Fatal> {
    let next = filter_chain(s, c.create_info.next, |link| {
        !matches!(link, t::Extension::ExportFenceCreateInfo(_))
    });
    let info = t::FenceCreateInfo {
        next,
        ..*c.create_info
    };
    s.create_object(
        &t::CreateFence {
            create_info: &info,
            ..*c
        },
        t::ObjectType::FENCE,
        &[c.fence],
    )
}

pub(crate) fn create_semaphore(
    s: &Scope<'_>,
    c: &t::CreateSemaphore<'_>,
) -> Result<t::CreateSemaphoreReply, Fatal> {
    let next = filter_chain(s, c.create_info.next, |link| {
        !matches!(link, t::Extension::ExportSemaphoreCreateInfo(_))
    });
    let info = t::SemaphoreCreateInfo {
        next,
        ..*c.create_info
    };
    let kind = t::ObjectType::SEMAPHORE;
    let reply = s.create_object(
        &t::CreateSemaphore {
            create_info: &info,
            ..*c
        },
        kind,
        &[c.semaphore],
    )?;
    let timeline = info.next.find::<t::SemaphoreTypeCreateInfo<'_>>();
    if timeline.is_some_and(|info| info.semaphore_type == t::SemaphoreType::TIMELINE)
        && let Ok(Held::Object(semaphore, _)) = s.shared.objects.find(kind, c.semaphore.0)
    {
        release::check_timeline(&semaphore)?;
        s.shared.awaited.add(&semaphore);
    }
    Ok(reply)
}

/// An event can always be set by the host, which releases what waits for it when its guest has
/// gone; that no host would is only a hint to the driver.
pub(crate) fn create_event(
    s: &Scope<'_>,
    c: &t::CreateEvent<'_>,
) -> Result<t::CreateEventReply, Fatal> {
    let flags = c
        .create_info
        .flags
        .without(t::EventCreateFlags::DEVICE_ONLY);
    let info = t::EventCreateInfo {
        flags,
        ..*c.create_info
    };
    let kind = t::ObjectType::EVENT;
    let reply = s.create_object(
        &t::CreateEvent {
            create_info: &info,
            ..*c
        },
        kind,
        &[c.event],
    )?;
    if let Ok(Held::Object(event, _)) = s.shared.objects.find(kind, c.event.0) {
        s.shared.awaited.add(&event);
    }
    Ok(reply)
}

/// Whether a fence has signalled.
///
/// A guest that waits asks again and again, and after a while less and less often. So one that
/// asks for nothing else is answered late, when there is news: it hears of the signal at once.
pub(crate) fn get_fence_status(
    s: &Scope<'_>,
    c: &t::GetFenceStatus,
) -> Result<t::GetFenceStatusReply, Fatal> {
    let again = s.polls.is_again(c.fence.0);
    let until = again.then(|| Instant::now() + LATE_STATUS);
    loop {
        let busy = s.recorder().filter(|recorder| recorder.concerns(c.fence));
        let reply = match busy {
            Some(_) => t::GetFenceStatusReply {
                ret: t::VkResult::NOT_READY,
            },
            None => s.call(c)?,
        };
        if reply.ret != t::VkResult::NOT_READY {
            return Ok(reply);
        }
        let is_late = until.is_none_or(|until| Instant::now() >= until);
        if is_late || s.ring.is_none_or(|ring| ring.has_more()) {
            s.polls.note(c.fence.0);
            return Ok(reply);
        }
        match busy {
            Some(recorder) => recorder.wait(LATE_STATUS),
            None => breathe(),
        }
    }
}

pub(crate) fn wait_for_fences(
    s: &Scope<'_>,
    c: &t::WaitForFences<'_>,
) -> Result<t::WaitForFencesReply, Fatal> {
    let ret = in_slices(
        || s.check_wanted(),
        c.timeout,
        |timeout| Ok(s.call(&t::WaitForFences { timeout, ..*c })?.ret),
    )?;
    Ok(t::WaitForFencesReply { ret })
}

pub(crate) fn wait_semaphores(
    s: &Scope<'_>,
    c: &t::WaitSemaphores<'_>,
) -> Result<t::WaitSemaphoresReply, Fatal> {
    let ret = in_slices(
        || s.check_wanted(),
        c.timeout,
        |timeout| Ok(s.call(&t::WaitSemaphores { timeout, ..*c })?.ret),
    )?;
    Ok(t::WaitSemaphoresReply { ret })
}

/// The fence's payload goes into a sync file that nobody looks at: the fence is unsignalled
/// from now on, even if it is still pending, so a fresh one takes its place.
pub(crate) fn reset_fence_resource(
    s: &Scope<'_>,
    c: &t::ResetFenceResourceMESA,
) -> Result<t::ResetFenceResourceMESAReply, Fatal> {
    let device = device::find(s, c.device)?;
    s.shared.objects.find(t::ObjectType::FENCE, c.fence.0)?;
    let fence = device.fresh_fence()?;
    let old = s
        .shared
        .objects
        .replace(c.fence.0, Held::Object(fence, Arc::clone(&device)));
    if let Some(Held::Object(old, _)) = old {
        device.retire_fence(old);
    }
    Ok(t::ResetFenceResourceMESAReply {})
}

/// The semaphore's pending signal goes into a sync file that nobody looks at.
pub(crate) fn wait_semaphore_resource(
    s: &Scope<'_>,
    c: &t::WaitSemaphoreResourceMESA,
) -> Result<t::WaitSemaphoreResourceMESAReply, Fatal> {
    let (device, semaphore) = semaphore(s, c.device, c.semaphore)?;
    let wait = t::SubmitInfo {
        wait_semaphore_count: 1,
        wait_semaphores: &[semaphore],
        wait_dst_stage_mask: &[t::PipelineStageFlags::ALL_COMMANDS],
        ..Default::default()
    };
    submit(&device, wait)?;
    Ok(t::WaitSemaphoreResourceMESAReply {})
}

/// A sync file that has signalled already becomes the semaphore's payload.
pub(crate) fn import_semaphore_resource(
    s: &Scope<'_>,
    c: &t::ImportSemaphoreResourceMESA<'_>,
) -> Result<t::ImportSemaphoreResourceMESAReply, Fatal> {
    let info = c.import_semaphore_resource_info;
    if info.resource_id != 0 {
        return Err(Fatal::misuse(
            "vkImportSemaphoreResourceMESA",
            "only a signalled payload can be imported",
        ));
    }
    let (device, semaphore) = semaphore(s, c.device, info.semaphore)?;
    let signal = t::SubmitInfo {
        signal_semaphore_count: 1,
        signal_semaphores: &[semaphore],
        ..Default::default()
    };
    submit(&device, signal)?;
    Ok(t::ImportSemaphoreResourceMESAReply {})
}

/// The semaphore by its host handle.
fn semaphore(
    s: &Scope<'_>,
    device: t::DeviceId,
    id: t::SemaphoreId,
) -> Result<(Arc<Device>, t::SemaphoreId), Fatal> {
    let held = s.shared.objects.find(t::ObjectType::SEMAPHORE, id.0)?;
    Ok((device::find(s, device)?, t::SemaphoreId(held.raw())))
}

fn submit(device: &Device, submit: t::SubmitInfo<'_>) -> Result<(), Fatal> {
    let queue = device
        .any_queue()
        .ok_or(Fatal::misuse("sync file", "the device has no queue yet"))?;
    queue.submit(submit)
}

/// Waits in slices, so that the end of the context, of its ring or of its guest ends the wait.
fn in_slices(
    wanted: impl Fn() -> Result<(), Fatal>,
    timeout: u64,
    mut wait: impl FnMut(u64) -> Result<t::VkResult, Fatal>,
) -> Result<t::VkResult, Fatal> {
    let mut left = timeout;
    loop {
        let slice = left.min(WAIT_SLICE);
        let ret = wait(slice)?;
        left -= slice;
        if ret != t::VkResult::TIMEOUT || left == 0 {
            return Ok(ret);
        }
        wanted()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::Life;
    use context::{ContextId, events};

    #[test]
    fn a_wait_takes_as_long_as_it_was_told() {
        let (sender, _receiver) = events().unwrap();
        let life = Life::new(ContextId(1), sender);
        let mut slices = Vec::new();
        let mut never = |slice| {
            slices.push(slice);
            Ok(t::VkResult::TIMEOUT)
        };
        let ret = in_slices(|| life.check(), WAIT_SLICE * 2 + 1, &mut never);
        assert_eq!(ret.ok(), Some(t::VkResult::TIMEOUT));
        assert_eq!(slices, [WAIT_SLICE, WAIT_SLICE, 1]);
    }

    #[test]
    fn a_wait_ends_when_the_guest_has_gone() {
        let (sender, receiver) = events().unwrap();
        let life = Life::new(ContextId(1), sender);
        let mut receiver = Some(receiver);
        let mut slices = 0;
        let ret = in_slices(
            || life.check(),
            u64::MAX,
            |_| {
                slices += 1;
                if slices == 3 {
                    receiver = None;
                }
                Ok(t::VkResult::TIMEOUT)
            },
        );
        assert!(matches!(ret, Err(Fatal::Ended)));
        assert_eq!(slices, 3);
    }
}
