use std::io::ErrorKind;

use super::*;

#[test]
fn the_kind_follows_from_what_was_done_and_what_the_system_said() {
    let kind = |action, said: ErrorKind| Error::Io { action, path: "x".into(), source: said.into() }.kind();
    assert_eq!(kind(Access::Read, ErrorKind::PermissionDenied), FailureKind::BadInput);
    assert_eq!(kind(Access::Create, ErrorKind::PermissionDenied), FailureKind::BadInput);
    assert_eq!(kind(Access::Create, ErrorKind::StorageFull), FailureKind::PartWay);
    assert_eq!(kind(Access::Write, ErrorKind::StorageFull), FailureKind::PartWay);
    assert_eq!(kind(Access::Write, ErrorKind::PermissionDenied), FailureKind::PartWay);
    let write = fishdip_t5::Error::Write { path: "x".into(), source: ErrorKind::StorageFull.into() };
    assert_eq!(Error::from(write).kind(), FailureKind::PartWay);
}

#[test]
fn a_stop_names_a_step_where_there_are_steps() {
    let asked = || Error::Interrupted { step: None, left: Left::default() };
    assert_eq!(asked().to_string(), "stopped; nothing was written");
    assert_eq!(asked().with_left(0, Left::default()).to_string(), "stopped at step 0");
    assert_eq!(asked().kind(), FailureKind::Stopped);
}
