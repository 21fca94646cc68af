//! Every setting that the instance may decide, by its name, those of its own among them. Not those that a tenant has a
//! secret or jobs of its own for: `captcha`, `backups` and `signing-keys`; nor `notifications`, which names roles of the
//! tenant.

use super::settings::{Change, InstanceSetting, InstanceSettingList};
use crate::{
    account::{SignUp, Tenancy},
    attachment::AttachmentPolicy,
    context::Signed,
    kit::{
        body::AsRead,
        db::{SystemTx, Tx},
        error::{Code, Result},
        object::Versioned,
    },
    limit::Limits,
    password,
    sender::MailPolicy,
    session::Sessions,
    setting::{
        Authentication, Branding, CrossOrigin, General,
        instance::{self, Decided, Inheritable, InstanceRow, for_all},
        wire::in_spec,
    },
};
use futures_util::future::BoxFuture;

/// A setting among the others.
struct Each {
    name: &'static str,
    show: fn(&[InstanceRow]) -> InstanceSetting,
    answer: fn(&[InstanceRow]) -> Versioned<InstanceSetting>,
    write: for<'a> fn(&'a Signed, Change, &'a AsRead<InstanceSetting>) -> Answering<'a>,
}

type Answering<'a> = BoxFuture<'a, Result<Versioned<InstanceSetting>>>;

const ALL: [Each; 11] = [
    Each::of::<AttachmentPolicy>(),
    Each::of::<Authentication>(),
    Each::of::<Branding>(),
    Each::of::<CrossOrigin>(),
    Each::of::<General>(),
    Each::of::<Limits>(),
    Each::of::<MailPolicy>(),
    Each::of::<password::Policy>(),
    Each::of::<Sessions>(),
    Each::of::<SignUp>(),
    Each::of::<Tenancy>(),
];

impl Each {
    const fn of<T: Inheritable + Send + Sync + 'static>() -> Self {
        Self {
            name: T::NAME,
            show: |rows| InstanceSetting::of(&Decided::<T>::among(rows)),
            answer: |rows| answer(&Decided::<T>::among(rows)),
            write: |caller, change, as_read| Box::pin(write::<T>(caller, change, as_read)),
        }
    }

    fn named(name: &str) -> Result<&'static Self> {
        let found = ALL.iter().find(|each| each.name == name);
        found.ok_or_else(|| Code::PolicyNotFound.into())
    }
}

fn answer<T: Inheritable>(decided: &Decided<T>) -> Versioned<InstanceSetting> {
    let (object, version) = InstanceSetting::whole(decided);
    Versioned::by_tree(&object, version)
}

/// All of them.
pub(in crate::instance) async fn list(tx: &SystemTx) -> Result<InstanceSettingList> {
    let rows = instance::all(tx).await?;
    let items = ALL.iter().map(|each| (each.show)(&rows)).collect();
    Ok(InstanceSettingList { items })
}

/// The setting of this name.
///
/// # Errors
/// [`Code::PolicyNotFound`].
pub(in crate::instance) async fn get(tx: &SystemTx, name: &str) -> Result<Versioned<InstanceSetting>> {
    let each = Each::named(name)?;
    Ok((each.answer)(&instance::all(tx).await?))
}

/// Changes the setting of this name.
///
/// # Errors
/// [`Code::PolicyNotFound`]; members that are wrong; those of [`instance::change`].
pub(in crate::instance) async fn change(
    caller: &Signed,
    name: &str,
    change: Change,
    as_read: &AsRead<InstanceSetting>,
) -> Result<Versioned<InstanceSetting>> {
    (Each::named(name)?.write)(caller, change, as_read).await
}

async fn write<T: Inheritable + Send + Sync + 'static>(
    caller: &Signed,
    change: Change,
    as_read: &AsRead<InstanceSetting>,
) -> Result<Versioned<InstanceSetting>> {
    let expected = change.expected;
    let decide = |old: &Decided<T>| {
        as_read.check(|| InstanceSetting::whole(old).0)?;
        let (members, locked) = match change.is_patch {
            true => (old.setting.patched(&change.members), old.locked.clone()),
            false => (change.members, vec![]),
        };
        let setting = T::of_members(members).and_then(for_all).map_err(in_spec)?;
        Ok((setting, change.locked.unwrap_or(locked)))
    };
    let write =
        async |tx: &Tx, system: &SystemTx| instance::change((tx, system), &caller.me.name, expected, decide).await;
    let changed = caller.operate(write, async |_, changed| Ok(changed)).await?;
    Ok(answer(&changed))
}
