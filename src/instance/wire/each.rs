//! Every setting that the instance may decide, by its name. Not those that a tenant has a secret or jobs of its own for:
//! `captcha`, `backups` and `signing-keys`.

use super::settings::{Change, InstanceSetting, InstanceSettingList};
use crate::{
    account::SignUp,
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
        Authentication, Branding, CrossOrigin,
        instance::{self, Decided, Inheritable, without_roles},
        wire::in_spec,
    },
};

/// Does something with the setting of a name.
macro_rules! by_name {
    ($name:expr, $setting:ident => $act:expr) => {
        match $name {
            "attachments" => {
                type $setting = AttachmentPolicy;
                $act
            }
            "authentication" => {
                type $setting = Authentication;
                $act
            }
            "branding" => {
                type $setting = Branding;
                $act
            }
            "cross-origin" => {
                type $setting = CrossOrigin;
                $act
            }
            "limits" => {
                type $setting = Limits;
                $act
            }
            "mail" => {
                type $setting = MailPolicy;
                $act
            }
            "password" => {
                type $setting = password::Policy;
                $act
            }
            "sessions" => {
                type $setting = Sessions;
                $act
            }
            "sign-up" => {
                type $setting = SignUp;
                $act
            }
            _ => Err(Code::PolicyNotFound.into()),
        }
    };
}

/// The names of all of them.
const NAMES: [&str; 9] = [
    "attachments",
    "authentication",
    "branding",
    "cross-origin",
    "limits",
    "mail",
    "password",
    "sessions",
    "sign-up",
];

fn answer<T: Inheritable>(decided: &Decided<T>) -> Versioned<InstanceSetting> {
    let (object, version) = InstanceSetting::whole(decided);
    Versioned::by_tree(&object, version)
}

/// All of them.
pub(in crate::instance) async fn list(tx: &SystemTx) -> Result<InstanceSettingList> {
    let rows = instance::all(tx).await?;
    let shown = |name: &str| -> Result<InstanceSetting> {
        by_name!(name, T => Ok(InstanceSetting::of(&Decided::<T>::among(&rows))))
    };
    let items: Result<Vec<_>> = NAMES.into_iter().map(shown).collect();
    Ok(InstanceSettingList { items: items? })
}

/// The setting of this name.
///
/// # Errors
/// [`Code::PolicyNotFound`].
pub(in crate::instance) async fn get(tx: &SystemTx, name: &str) -> Result<Versioned<InstanceSetting>> {
    by_name!(name, T => Ok(answer(&instance::read::<T>(tx).await?)))
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
    by_name!(name, T => write::<T>(caller, change, as_read).await)
}

async fn write<T: Inheritable>(
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
        let setting = T::of_members(members).and_then(without_roles).map_err(in_spec)?;
        Ok((setting, change.locked.unwrap_or(locked)))
    };
    let write =
        async |tx: &Tx, system: &SystemTx| instance::change((tx, system), &caller.me.name, expected, decide).await;
    let changed = caller.operate(write, async |_, changed| Ok(changed)).await?;
    Ok(answer(&changed))
}
