//! What a caller should make of an error.

use std::io::ErrorKind;
use std::path::Path;

use super::{Access, Error, Left};

/// What a caller should make of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Wrong use or bad input; nothing was written, but for the answers to what was good.
    BadInput,
    /// Stopped on request.
    Stopped,
    /// Failed part-way.
    PartWay,
}

impl Error {
    /// What a caller should make of it.
    pub fn kind(&self) -> FailureKind {
        use {fishdip_peft::Error as Peft, fishdip_t5::Error as Model, fishdip_tasks::Error as Tasks};
        match self {
            Self::Interrupted { .. }
            | Self::Stopped { .. }
            | Self::StudyStopped { .. }
            | Self::FoldsStopped { .. }
            | Self::ActiveStopped { .. }
            | Self::SelfTrainingStopped { .. } => FailureKind::Stopped,
            Self::Io { action: Access::Create, source, .. } if is_refusal(source.kind()) => {
                FailureKind::BadInput
            }
            Self::Failed { .. }
            | Self::Unwritten { .. }
            | Self::NoSpace { .. }
            | Self::CellsFailed { .. }
            | Self::FoldsFailed { .. }
            | Self::Io { action: Access::Write | Access::Create, .. }
            | Self::Tasks(Tasks::Write { .. })
            | Self::Active(fishdip_active::Error::Io { action: "append to", .. })
            | Self::Model(Model::Write { .. })
            | Self::Peft(Peft::Write { .. } | Peft::NonFinite { .. }) => FailureKind::PartWay,
            _ => FailureKind::BadInput,
        }
    }

    /// The error of a training that had made `step` steps and of which `left` is left.
    pub(crate) fn with_left(self, step: usize, left: Left) -> Self {
        match self {
            Self::Interrupted { .. } => Self::Interrupted { step: Some(step), left },
            Self::Failed { reason, .. } => Self::Failed { step, reason, left },
            Self::Unwritten { source, .. } => Self::Unwritten { source, left },
            Self::Peft(error @ fishdip_peft::Error::NonFinite { .. }) => {
                Self::Failed { step, reason: error.to_string(), left }
            }
            other if other.kind() == FailureKind::PartWay => {
                Self::Unwritten { source: Box::new(other), left }
            }
            other => other,
        }
    }

    /// The file or folder that is not there, where that is the reason.
    pub fn not_found(&self) -> Option<&Path> {
        use {fishdip_peft::Error as Peft, fishdip_t5::Error as Model, fishdip_tasks::Error as Tasks};
        let (Self::ReadConfig { path, source }
        | Self::Io { path, source, .. }
        | Self::Tasks(Tasks::Io { file: path, source })
        | Self::Model(Model::Read { path, source })
        | Self::Peft(Peft::Read { path, source })) = self
        else {
            return None;
        };
        (source.kind() == ErrorKind::NotFound).then_some(path.as_path())
    }

    /// What the system said, where it refused to read or write.
    pub fn io(&self) -> Option<&std::io::Error> {
        use {fishdip_peft::Error as Peft, fishdip_t5::Error as Model, fishdip_tasks::Error as Tasks};
        match self {
            Self::Unwritten { source, .. } => source.io(),
            Self::ReadConfig { source, .. }
            | Self::NoSpace { source, .. }
            | Self::Io { source, .. }
            | Self::Tasks(Tasks::Io { source, .. } | Tasks::Write { source, .. })
            | Self::Active(fishdip_active::Error::Io { source, .. })
            | Self::Model(Model::Read { source, .. } | Model::Write { source, .. })
            | Self::Peft(Peft::Read { source, .. } | Peft::Write { source, .. }) => Some(source),
            _ => None,
        }
    }
}

/// Whether a folder was asked for where none can be; otherwise something failed that had begun.
fn is_refusal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::AlreadyExists
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
    )
}
