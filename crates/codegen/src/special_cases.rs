//! Every exception to the rules that the registry gives, in one place.

use crate::resolve::{Length, Shape};

/// Structures that the registry lets into chains and the protocol leaves out.
pub const NOT_CARRIED: &[&str] = &[
    // A file descriptor means nothing to the other side: VkImportMemoryResourceInfoMESA.
    "VkImportMemoryFdInfoKHR",
    // A layered implementation under the host's driver is not the guest's business.
    "VkPhysicalDeviceLayeredApiPropertiesListKHR",
    "VkPhysicalDeviceLayeredApiVulkanPropertiesKHR",
];

/// Commands that have a number and no wire form: the guest's driver answers them itself,
/// or sends another command in their place.
pub const NO_WIRE_FORM: &[&str] = &[
    // Function pointers and mapped addresses mean nothing to the other side.
    "vkGetInstanceProcAddr",
    "vkGetDeviceProcAddr",
    "vkMapMemory",
    "vkMapMemory2",
    // Templates describe guest memory: the guest sends plain descriptor writes.
    "vkUpdateDescriptorSetWithTemplate",
    "vkCmdPushDescriptorSetWithTemplate",
    "vkCmdPushDescriptorSetWithTemplate2",
    // File descriptors: the MESA resource commands take their place.
    "vkGetMemoryFdKHR",
    "vkGetMemoryFdPropertiesKHR",
    "vkImportFenceFdKHR",
    "vkGetFenceFdKHR",
    "vkImportSemaphoreFdKHR",
    "vkGetSemaphoreFdKHR",
    // Host addresses: vkCopyMemoryToImageMESA and vkCopyImageToMemoryMESA take their place.
    "vkCopyMemoryToImage",
    "vkCopyImageToMemory",
    // Host addresses with nothing in their place: host commands are not offered.
    "vkBuildAccelerationStructuresKHR",
    "vkCopyAccelerationStructureToMemoryKHR",
    "vkCopyMemoryToAccelerationStructureKHR",
    // Host addresses: vkWriteSamplerDescriptorMESA and vkWriteResourceDescriptorMESA.
    "vkWriteSamplerDescriptorsEXT",
    "vkWriteResourceDescriptorsEXT",
];

/// Structures that C declares with an array before its length.
pub const LENGTH_COMES_LAST: &[&str] = &["VkHostAddressRangeEXT", "VkHostAddressRangeConstEXT"];

/// Members whose shape the registry describes only in words.
pub fn shape(owner: &str, member: &str) -> Option<Shape> {
    match (owner, member) {
        // `len` is the member `size`; the registry gives none.
        ("VkHostAddressRangeEXT" | "VkHostAddressRangeConstEXT", "address") => {
            Some(Shape::Bytes(Length::Field("size".into())))
        }
        // One range for each geometry of the build with the same index.
        (_, "ppBuildRangeInfos" | "ppMaxPrimitiveCounts") => Some(Shape::Nested(
            Length::Field("infoCount".into()),
            Length::ThroughEach("pInfos".into(), "geometryCount".into()),
        )),
        _ => None,
    }
}

/// Structures that are a destination for what the callee writes.
pub fn is_output_record(owner: &str) -> bool {
    owner == "VkHostAddressRangeEXT"
}

/// Members that the registry describes only in words, and without which drivers crash.
pub fn is_required(owner: &str, member: &str) -> bool {
    // Null is for images of swapchains, which are the guest's own.
    (owner, member) == ("VkBindImageMemoryInfo", "memory")
}

/// Lengths of arrays whose shape is given by [`shape`], and what goes in and comes out as
/// they do.
pub fn is_length(owner: &str, member: &str) -> bool {
    match (owner, member) {
        // The index to take unless one is asked for.
        ("vkRegisterCustomBorderColorEXT", "pIndex") => true,
        (_, member) => LENGTH_COMES_LAST.contains(&owner) && member == "size",
    }
}

/// Commands that are more than a call, and the renderer's module for each.
pub const HAND_WRITTEN: &[(&str, &str)] = &[
    ("vkSetReplyCommandStreamMESA", "transport"),
    ("vkSeekReplyCommandStreamMESA", "transport"),
    ("vkExecuteCommandStreamsMESA", "transport"),
    ("vkCreateRingMESA", "transport"),
    ("vkDestroyRingMESA", "transport"),
    ("vkNotifyRingMESA", "transport"),
    ("vkWriteRingExtraMESA", "transport"),
    ("vkSubmitVirtqueueSeqnoMESA", "transport"),
    ("vkWaitVirtqueueSeqnoMESA", "transport"),
    ("vkWaitRingSeqnoMESA", "transport"),
    ("vkEnumerateInstanceVersion", "instance"),
    ("vkEnumerateInstanceExtensionProperties", "instance"),
    ("vkEnumerateInstanceLayerProperties", "instance"),
    ("vkCreateInstance", "instance"),
    ("vkDestroyInstance", "instance"),
    ("vkEnumeratePhysicalDevices", "instance"),
    ("vkEnumeratePhysicalDeviceGroups", "instance"),
    ("vkEnumerateDeviceExtensionProperties", "physical_device"),
    ("vkEnumerateDeviceLayerProperties", "physical_device"),
    ("vkGetPhysicalDeviceFeatures2", "physical_device"),
    ("vkGetPhysicalDeviceProperties", "physical_device"),
    ("vkGetPhysicalDeviceProperties2", "physical_device"),
    ("vkGetPhysicalDeviceMemoryProperties", "physical_device"),
    ("vkGetPhysicalDeviceMemoryProperties2", "physical_device"),
    ("vkGetPhysicalDeviceFormatProperties2", "formats"),
    ("vkGetPhysicalDeviceImageFormatProperties2", "formats"),
    (
        "vkGetPhysicalDeviceExternalBufferProperties",
        "physical_device",
    ),
    (
        "vkGetPhysicalDeviceExternalSemaphoreProperties",
        "physical_device",
    ),
    (
        "vkGetPhysicalDeviceExternalFenceProperties",
        "physical_device",
    ),
    (
        "vkGetPhysicalDeviceFragmentShadingRatesKHR",
        "physical_device",
    ),
    (
        "vkGetPhysicalDeviceMultisamplePropertiesEXT",
        "physical_device",
    ),
    (
        "vkGetPhysicalDeviceCalibrateableTimeDomainsKHR",
        "physical_device",
    ),
    (
        "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR",
        "physical_device",
    ),
    ("vkGetPhysicalDeviceDescriptorSizeEXT", "physical_device"),
    ("vkCreateDevice", "device"),
    ("vkDestroyDevice", "device"),
    ("vkDeviceWaitIdle", "device"),
    ("vkQueueWaitIdle", "queue"),
    ("vkGetDeviceQueue", "device"),
    ("vkGetDeviceQueue2", "device"),
    ("vkAllocateMemory", "memory"),
    ("vkFreeMemory", "memory"),
    ("vkUnmapMemory", "memory"),
    ("vkUnmapMemory2", "memory"),
    ("vkFlushMappedMemoryRanges", "memory"),
    ("vkInvalidateMappedMemoryRanges", "memory"),
    ("vkGetMemoryResourcePropertiesMESA", "memory"),
    ("vkCreateBuffer", "buffer"),
    ("vkGetDeviceBufferMemoryRequirements", "buffer"),
    ("vkCreateImage", "image"),
    ("vkGetDeviceImageMemoryRequirements", "image"),
    ("vkGetDeviceImageSparseMemoryRequirements", "image"),
    ("vkGetDeviceImageSubresourceLayout", "image"),
    ("vkGetImageMemoryRequirements", "image"),
    ("vkGetImageMemoryRequirements2", "image"),
    ("vkBindImageMemory", "image"),
    ("vkBindImageMemory2", "image"),
    ("vkGetImageSubresourceLayout", "image"),
    ("vkGetImageSubresourceLayout2", "image"),
    ("vkGetImageDrmFormatModifierPropertiesEXT", "image"),
    ("vkCmdPipelineBarrier", "barrier"),
    ("vkCmdPipelineBarrier2", "barrier"),
    ("vkCreateFence", "sync"),
    ("vkCreateEvent", "sync"),
    ("vkCreateSemaphore", "sync"),
    ("vkGetFenceStatus", "sync"),
    ("vkWaitForFences", "sync"),
    ("vkWaitSemaphores", "sync"),
    ("vkResetFenceResourceMESA", "sync"),
    ("vkWaitSemaphoreResourceMESA", "sync"),
    ("vkImportSemaphoreResourceMESA", "sync"),
    ("vkCreateQueryPool", "query"),
    ("vkGetQueryPoolResults", "query"),
    ("vkResetQueryPool", "query"),
    ("vkCmdBeginQuery", "query"),
    ("vkCmdEndQuery", "query"),
    ("vkCmdResetQueryPool", "query"),
    ("vkCmdWriteTimestamp", "query"),
    ("vkCmdWriteTimestamp2", "query"),
    ("vkCmdCopyQueryPoolResults", "query"),
    ("vkCmdBeginQueryIndexedEXT", "query"),
    ("vkCmdEndQueryIndexedEXT", "query"),
    ("vkCmdWriteAccelerationStructuresPropertiesKHR", "query"),
    ("vkDestroyDescriptorPool", "pool"),
    ("vkResetDescriptorPool", "pool"),
    ("vkAllocateDescriptorSets", "pool"),
    ("vkFreeDescriptorSets", "pool"),
    ("vkDestroyCommandPool", "pool"),
    ("vkAllocateCommandBuffers", "pool"),
    ("vkFreeCommandBuffers", "pool"),
    ("vkUpdateDescriptorSets", "descriptor"),
    ("vkCmdPushDescriptorSet", "descriptor"),
    ("vkCmdPushDescriptorSet2", "descriptor"),
    ("vkCopyImageToMemoryMESA", "host_copy"),
    ("vkCopyMemoryToImageMESA", "host_copy"),
    ("vkWriteSamplerDescriptorMESA", "host_copy"),
    ("vkWriteResourceDescriptorMESA", "host_copy"),
];
