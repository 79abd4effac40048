use std::ffi::CStr;
use std::sync::Arc;

use bumpalo::Bump;
use vulkan_types as t;

use crate::extra::Extra;
use crate::generated::Functions;
use crate::lower::{Call, CallError, Identity, Lowering};
use crate::{DriverError, PhysicalDevice};

/// `VkDevice`, destroyed with the last reference once its work is done.
pub struct Device {
    raw: u64,
    functions: Functions,
    pub(crate) extra: Extra,
    physical_device: Arc<PhysicalDevice>,
}

impl Device {
    pub(crate) fn new(raw: u64, physical_device: &Arc<PhysicalDevice>) -> Arc<Self> {
        let instance = physical_device.instance();
        let lookup = Extra::device_lookup(instance, raw);
        // SAFETY: the driver returns functions of the types that go with their names, or null.
        let functions = unsafe { Functions::load_device(&|name: &CStr| lookup(name)) };
        // SAFETY: likewise.
        let extra = unsafe { Extra::load(&|name: &CStr| lookup(name)) };
        Arc::new(Self {
            raw,
            functions,
            extra,
            physical_device: Arc::clone(physical_device),
        })
    }

    /// The host's handle.
    pub fn raw(&self) -> u64 {
        self.raw
    }

    /// Its commands: those of extensions that were not enabled are missing.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// What it was made from.
    pub fn physical_device(&self) -> &Arc<PhysicalDevice> {
        &self.physical_device
    }

    /// Calls one of its commands with host handles for ids.
    ///
    /// # Errors
    /// The device lacks the command, or an argument is wrong.
    pub fn call<'a, C: Call<'a>>(
        &self,
        command: &C,
        arena: &'a Bump,
    ) -> Result<C::Reply<'a>, CallError> {
        command.call(&self.functions, &Lowering::new(arena, &Identity))
    }

    /// The handle that such a call creates; none where the driver refuses.
    pub fn create<'a, C: Call<'a>>(&self, command: &C, arena: &'a Bump) -> Option<u64> {
        let cx = Lowering::new(arena, &Identity);
        command.call(&self.functions, &cx).ok()?;
        cx.into_created().first().copied().filter(|raw| *raw != 0)
    }

    /// A queue that it was made with.
    pub fn queue(&self, flags: t::DeviceQueueCreateFlags, family: u32, index: u32) -> Option<u64> {
        let arena = Bump::new();
        let cx = Lowering::new(&arena, &Identity);
        // Some drivers follow the specification before 1.1.130, which forbade the second
        // command without flags.
        if flags.0 == 0 {
            let command = t::GetDeviceQueue {
                device: t::DeviceId(self.raw),
                queue_family_index: family,
                queue_index: index,
                queue: t::QueueId(0),
            };
            command.call(&self.functions, &cx).ok()?;
        } else {
            let info = t::DeviceQueueInfo2 {
                flags,
                queue_family_index: family,
                queue_index: index,
                ..Default::default()
            };
            let command = t::GetDeviceQueue2 {
                device: t::DeviceId(self.raw),
                queue_info: &info,
                queue: t::QueueId(0),
            };
            command.call(&self.functions, &cx).ok()?;
        }
        cx.into_created().first().copied().filter(|raw| *raw != 0)
    }

    /// The memory types that can back an image of the host's, as a mask.
    pub fn image_memory_types(&self, image: u64) -> u32 {
        let command = t::GetImageMemoryRequirements {
            device: t::DeviceId(self.raw),
            image: t::ImageId(image),
        };
        let arena = Bump::new();
        command
            .call(&self.functions, &Lowering::new(&arena, &Identity))
            .map_or(0, |reply| reply.memory_requirements.memory_type_bits)
    }

    /// A fence, not signalled.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn create_fence(&self) -> Result<u64, DriverError> {
        let arena = Bump::new();
        let cx = Lowering::new(&arena, &Identity);
        let info = t::FenceCreateInfo::default();
        let command = t::CreateFence {
            device: t::DeviceId(self.raw),
            create_info: &info,
            fence: t::FenceId(0),
        };
        let reply = command.call(&self.functions, &cx).map_err(|_| lost())?;
        match cx.into_created().first() {
            Some(raw) if reply.ret == t::VkResult::SUCCESS => Ok(*raw),
            _ => Err(DriverError(reply.ret)),
        }
    }

    /// Makes a fence unsignalled.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn reset_fence(&self, fence: u64) -> Result<(), DriverError> {
        let command = t::ResetFences {
            device: t::DeviceId(self.raw),
            fence_count: 1,
            fences: &[t::FenceId(fence)],
        };
        let arena = Bump::new();
        let reply = command
            .call(&self.functions, &Lowering::new(&arena, &Identity))
            .map_err(|_| lost())?;
        if reply.ret == t::VkResult::SUCCESS {
            Ok(())
        } else {
            Err(DriverError(reply.ret))
        }
    }

    /// Waits for a fence, at most `timeout` nanoseconds; false when that ran out.
    ///
    /// # Errors
    /// The device is lost.
    pub fn wait_fence(&self, fence: u64, timeout: u64) -> Result<bool, DriverError> {
        let command = t::WaitForFences {
            device: t::DeviceId(self.raw),
            fence_count: 1,
            fences: &[t::FenceId(fence)],
            wait_all: 1,
            timeout,
        };
        let arena = Bump::new();
        let reply = command
            .call(&self.functions, &Lowering::new(&arena, &Identity))
            .map_err(|_| lost())?;
        match reply.ret {
            t::VkResult::SUCCESS => Ok(true),
            t::VkResult::TIMEOUT => Ok(false),
            other => Err(DriverError(other)),
        }
    }

    /// Submits to a queue by the host's handles. The caller has the queue to itself.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn queue_submit(
        &self,
        queue: u64,
        submits: &[t::SubmitInfo<'_>],
        fence: u64,
    ) -> Result<(), DriverError> {
        let arena = Bump::new();
        let command = t::QueueSubmit {
            queue: t::QueueId(queue),
            submit_count: submits.len() as u32,
            submits,
            fence: t::FenceId(fence),
        };
        let reply = command
            .call(&self.functions, &Lowering::new(&arena, &Identity))
            .map_err(|_| lost())?;
        if reply.ret == t::VkResult::SUCCESS {
            Ok(())
        } else {
            Err(DriverError(reply.ret))
        }
    }

    /// Waits until all its queues are idle.
    pub fn wait_idle(&self) {
        let command = t::DeviceWaitIdle {
            device: t::DeviceId(self.raw),
        };
        let arena = Bump::new();
        let _ = command.call(&self.functions, &Lowering::new(&arena, &Identity));
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.wait_idle();
        let command = t::DestroyDevice {
            device: t::DeviceId(self.raw),
        };
        let arena = Bump::new();
        let _ = command.call(&self.functions, &Lowering::new(&arena, &Identity));
    }
}

fn lost() -> DriverError {
    DriverError(t::VkResult::ERROR_DEVICE_LOST)
}
