//! Host image copies, whose host memory is the command stream's or the reply's.

use vulkan_types as t;

use crate::Fatal;
use crate::scope::Scope;

macro_rules! not_offered {
    ($($function:ident: $command:ty, $reply:ty, $name:literal;)*) => {
        $(pub(crate) fn $function<'a>(_: &Scope<'a>, _: &$command) -> Result<$reply, Fatal> {
            Err(Fatal::misuse($name, "its extension is not offered"))
        })*
    };
}

not_offered! {
    copy_image_to_memory: t::CopyImageToMemoryMESA<'_>, t::CopyImageToMemoryMESAReply<'a>, "vkCopyImageToMemoryMESA";
    copy_memory_to_image: t::CopyMemoryToImageMESA<'_>, t::CopyMemoryToImageMESAReply, "vkCopyMemoryToImageMESA";
    write_sampler_descriptor: t::WriteSamplerDescriptorMESA<'_>, t::WriteSamplerDescriptorMESAReply<'a>, "vkWriteSamplerDescriptorMESA";
    write_resource_descriptor: t::WriteResourceDescriptorMESA<'_>, t::WriteResourceDescriptorMESAReply<'a>, "vkWriteResourceDescriptorMESA";
}
