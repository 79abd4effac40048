use std::fmt;

use crate::Version;

macro_rules! commands {
    ($($number:literal $name:ident $wire:literal $since:ident,)*) => {
        /// A command number (`VCMD_*` in `vtest/vtest_protocol.h`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        pub enum Command {
            $(#[doc = concat!("`VCMD_", $wire, "`")] $name = $number,)*
        }

        impl Command {
            /// Every command, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The command with this number.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The protocol's name, without `VCMD_`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)*
                }
            }

            /// The first version that has the command.
            pub const fn since(self) -> Version {
                match self {
                    $(Self::$name => Version::$since,)*
                }
            }
        }
    };
}

commands! {
    1 GetCaps "GET_CAPS" V0,
    2 ResourceCreate "RESOURCE_CREATE" V0,
    3 ResourceUnref "RESOURCE_UNREF" V0,
    4 TransferGet "TRANSFER_GET" V0,
    5 TransferPut "TRANSFER_PUT" V0,
    6 SubmitCmd "SUBMIT_CMD" V0,
    7 ResourceBusyWait "RESOURCE_BUSY_WAIT" V0,
    8 CreateRenderer "CREATE_RENDERER" V0,
    9 GetCaps2 "GET_CAPS2" V0,
    10 PingProtocolVersion "PING_PROTOCOL_VERSION" V0,
    11 ProtocolVersion "PROTOCOL_VERSION" V0,
    12 ResourceCreate2 "RESOURCE_CREATE2" V2,
    13 TransferGet2 "TRANSFER_GET2" V2,
    14 TransferPut2 "TRANSFER_PUT2" V2,
    15 GetParam "GET_PARAM" V3,
    16 GetCapset "GET_CAPSET" V3,
    17 ContextInit "CONTEXT_INIT" V3,
    18 ResourceCreateBlob "RESOURCE_CREATE_BLOB" V3,
    19 SyncCreate "SYNC_CREATE" V3,
    20 SyncUnref "SYNC_UNREF" V3,
    21 SyncRead "SYNC_READ" V3,
    22 SyncWrite "SYNC_WRITE" V3,
    23 SyncWait "SYNC_WAIT" V3,
    24 SubmitCmd2 "SUBMIT_CMD2" V3,
    25 DrmSyncCreate "DRM_SYNC_CREATE" V4,
    26 DrmSyncDestroy "DRM_SYNC_DESTROY" V4,
    27 DrmSyncHandleToFd "DRM_SYNC_HANDLE_TO_FD" V4,
    28 DrmSyncFdToHandle "DRM_SYNC_FD_TO_HANDLE" V4,
    29 DrmSyncImportSyncFile "DRM_SYNC_IMPORT_SYNC_FILE" V4,
    30 DrmSyncExportSyncFile "DRM_SYNC_EXPORT_SYNC_FILE" V4,
    31 DrmSyncWait "DRM_SYNC_WAIT" V4,
    32 DrmSyncReset "DRM_SYNC_RESET" V4,
    33 DrmSyncSignal "DRM_SYNC_SIGNAL" V4,
    34 DrmSyncTimelineSignal "DRM_SYNC_TIMELINE_SIGNAL" V4,
    35 DrmSyncTimelineWait "DRM_SYNC_TIMELINE_WAIT" V4,
    36 DrmSyncQuery "DRM_SYNC_QUERY" V4,
    37 DrmSyncTransfer "DRM_SYNC_TRANSFER" V4,
    38 ResourceExportFd "RESOURCE_EXPORT_FD" V4,
}

impl Command {
    /// The number on the wire.
    pub const fn number(self) -> u32 {
        self as u32
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn numbers_run_from_1_to_38() {
        let numbers: Vec<u32> = Command::ALL
            .iter()
            .map(|command| command.number())
            .collect();
        assert_eq!(numbers, (1..=38).collect::<Vec<_>>());
        assert_eq!(Command::from_number(0), None);
        assert_eq!(Command::from_number(39), None);
        assert_eq!(Command::from_number(38), Some(Command::ResourceExportFd));
    }
}
