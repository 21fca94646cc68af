//! The jobs of the program.

use crate::{
    account::{BatchJob, DkimJob, LogoutJob, MailJob, NotifyJob, ProbeJob, WatchJob},
    backup::{BackupJob, ReadingJob, RemovalJob, ScheduleJob},
    content::SweepJob,
    domain::DomainJob,
    job::{Job, Jobs},
    key::RotationJob,
    server::Server,
    tenant,
    user::PictureJob,
    user_import::{self, ImportJob},
};

/// Every kind of job.
#[must_use]
pub fn jobs(server: &Server) -> Jobs {
    Jobs::new([
        Box::new(MailJob(server.clone())) as Box<dyn Job>,
        Box::new(ProbeJob(server.clone())),
        Box::new(DkimJob(server.clone())),
        Box::new(LogoutJob(server.clone())),
        Box::new(NotifyJob),
        Box::new(WatchJob(server.clone())),
        Box::new(RotationJob(server.services.clone())),
        Box::new(SweepJob(server.files.clone())),
        Box::new(PictureJob(server.files.clone())),
        Box::new(BackupJob::new(server.services.clone(), server.files.clone())),
        Box::new(RemovalJob(server.files.clone())),
        Box::new(ImportJob::new(server.services.clone(), server.files.clone())),
        Box::new(user_import::RemovalJob(server.files.clone())),
        Box::new(BatchJob(server.services.clone())),
        Box::new(ScheduleJob(server.services.clone())),
        Box::new(ReadingJob::new(server.services.clone(), server.files.clone())),
        Box::new(DomainJob::new(
            server.services.clone(),
            server.dns.clone(),
            server.outbound.clone(),
        )),
        Box::new(tenant::RemovalJob::new(
            server.services.db.clone(),
            server.files.clone(),
        )),
    ])
}
