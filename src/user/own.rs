//! `/users/-` of the console group: the caller's own account.

use super::wire::{
    ChangeOwnPasswordRequest, DetailedUser, EmailVerifyRequest, Empty, OwnDataFile, RenameUserRequest,
    UpdateCurrentUserRequest, User, VerifyCodeRequest,
};
use crate::{
    access::permission::{
        UsersAvatarDelete, UsersAvatarUpdate, UsersDataGet, UsersEmailUpdate, UsersEmailVerify, UsersGet, UsersLeave,
        UsersNameUpdate, UsersPasswordUpdate, UsersUpdate,
    },
    account,
    console::Tag,
    extract::Own,
    kit::{
        body::Body,
        db::Tx,
        error::{Error, Result},
        http::NoContent,
        object::Versioned,
        upload::Upload,
    },
    message::MailOptions,
};
use poem_openapi::{OpenApi, payload::Json};
use std::sync::Arc;
use tenantry_boxed::boxed;

/// The operations on the caller's own account.
pub struct Api;

fn answer(user: super::Detailed) -> Versioned<User> {
    let user = User::from(user);
    let version = user.version();
    Versioned::new(&user, version)
}

/// The change as a user may make it to themself: annotations in a namespace are the administrators'.
fn of_themself(mut edit: super::Edit, old: &super::Detailed) -> Result<super::Edit> {
    let Some(annotations) = &mut edit.annotations else {
        return Ok(edit);
    };
    let old = old.annotations();
    let is_reserved = |key: &str| key.contains('/');
    let taken = |(key, value): &(&String, &String)| is_reserved(key) && old.get(*key) != Some(value);
    if let Some((key, _)) = annotations.iter().find(taken) {
        let why = "has a namespace, whose annotations only administrators change";
        return Err(Error::field(&format!("metadata.annotations.{key}"), "value", why));
    }
    annotations.extend(old.into_iter().filter(|(key, _)| is_reserved(key)));
    Ok(edit)
}

#[OpenApi(prefix_path = "/users/-", tag = "Tag::Users")]
#[boxed]
impl Api {
    /// See oneself
    ///
    /// The caller's own account, with their roles as objects.
    #[oai(path = "/", method = "get", operation_id = "GetCurrentUserDetail")]
    async fn get_own(&self, caller: Own<UsersGet>) -> Result<Versioned<DetailedUser>> {
        let user = account::get_own(&caller).await?;
        let user = DetailedUser::new(&caller.policy, Arc::unwrap_or_clone(user));
        let version = user.version();
        Ok(Versioned::with_others(&user, version))
    }

    /// Change one's own profile
    ///
    /// Takes a whole user as it was read, and of it the display name, telephone number, bio and
    /// annotations; everything else may be left out, and else must be as it is. What of these is
    /// absent is removed, but for the annotations.
    #[oai(path = "/", method = "put", operation_id = "UpdateCurrentUser")]
    async fn update_own(
        &self,
        caller: Own<UsersUpdate>,
        new: Body<UpdateCurrentUserRequest, User>,
    ) -> Result<Versioned<User>> {
        let Body(new, as_read) = new;
        let (expected, edit) = new.accept(&caller.me.name)?;
        let edit = |user: &super::Detailed| {
            as_read.check(|| user.clone().into())?;
            of_themself(edit, user)
        };
        let user = caller
            .run(async |tx| {
                let user = super::get_own(tx, &caller.me).await?;
                super::update(tx, user, expected, edit).await
            })
            .await?;
        Ok(answer(user))
    }

    /// Delete one's own account
    ///
    /// With everything of the caller's; what they did stays in the audit trail. Where the policy `sign-up` lets people leave
    /// (`accountDeletion`), and within 5 minutes of signing in.
    #[oai(path = "/", method = "delete", operation_id = "DeleteCurrentUser")]
    async fn delete_own(&self, caller: Own<UsersLeave>) -> Result<NoContent> {
        caller
            .act(async |tx, authority| account::leave(tx, &authority, &caller.me).await)
            .await?;
        Ok(NoContent::Done)
    }

    /// Take one's own data along
    ///
    /// All that is kept about the caller, as a file: their profile, roles, names, sessions, applications, messages, files and what
    /// the audit trail has of them. Nothing in it lets anybody in.
    #[oai(path = "/data", method = "get", operation_id = "GetCurrentUserData")]
    async fn get_own_data(&self, caller: Own<UsersDataGet>) -> Result<OwnDataFile> {
        let data = caller.run(async |tx| account::own_data(tx, &caller).await).await?;
        Ok(data.into())
    }

    /// Change one's own name
    ///
    /// As `RenameUser`, by a name that those who sign up may have. Where the policy `sign-up` lets people (`nameChange`),
    /// within 5 minutes of signing in, and once in 30 days.
    #[oai(path = "/name", method = "put", operation_id = "RenameCurrentUser")]
    async fn rename_own(&self, caller: Own<UsersNameUpdate>, new: Body<RenameUserRequest>) -> Result<Versioned<User>> {
        let user = caller
            .act(async |tx, authority| account::rename_own(tx, &authority, &caller.me, &new.new_name).await)
            .await?;
        Ok(answer(user))
    }

    /// Change one's own password
    ///
    /// Every other session of the caller ends.
    #[oai(path = "/password", method = "put", operation_id = "ChangeOwnPassword")]
    async fn change_own_password(
        &self,
        caller: Own<UsersPasswordUpdate>,
        given: Body<ChangeOwnPasswordRequest>,
    ) -> Result<Versioned<User>> {
        let new = ("password", &given.password);
        let user = account::change_password(&caller, caller.server(), &given.old_password, new).await?;
        Ok(answer(user))
    }

    /// Set one's own picture
    ///
    /// A PNG, JPEG, GIF or WebP of up to 2 MiB and 4096 pixels a side, in the part `file`. It is
    /// kept as PNG of up to 512 pixels a side, without anything else that was in the file.
    #[oai(path = "/avatar", method = "post", operation_id = "UploadCurrentUserAvatar")]
    async fn upload_own_avatar(&self, caller: Own<UsersAvatarUpdate>, file: Upload) -> Result<Versioned<User>> {
        let kept = account::keep_picture(&caller, caller.server(), file).await?;
        let set = async |tx: &Tx| {
            let user = super::get_own(tx, &caller.me).await?;
            super::set_avatar(tx, user, kept.arrived(), |id| super::wire::avatar_url(&caller, id)).await
        };
        let set = caller.run(set).await;
        Ok(answer(kept.end(set).await?))
    }

    /// Remove one's own picture
    ///
    /// It is no error if there is none.
    #[oai(path = "/avatar", method = "delete", operation_id = "DeleteCurrentUserAvatar")]
    async fn delete_own_avatar(&self, caller: Own<UsersAvatarDelete>) -> Result<Versioned<User>> {
        let user = caller
            .run(async |tx| super::remove_avatar(tx, super::get_own(tx, &caller.me).await?).await)
            .await?;
        Ok(answer(user))
    }

    /// Send a verification code
    ///
    /// Mails a code of six digits to the address, good for 10 minutes and 5 tries. A new address
    /// takes the place of the present one only when it is proven. At most one code in 60 seconds,
    /// 5 in 10 minutes and 20 a day for each address and each account.
    #[oai(
        path = "/send-email-verification-code",
        method = "post",
        operation_id = "SendEmailVerificationCode"
    )]
    async fn send_code(&self, caller: Own<UsersEmailUpdate>, to: Body<EmailVerifyRequest>) -> Result<Json<Empty>> {
        let options = MailOptions::of(&caller.peer);
        caller
            .run(async |tx| {
                account::address::request_proof(tx, &caller, caller.user, &to.email, options)
                    .await
                    .map(drop)
            })
            .await?;
        Ok(Json(Empty {}))
    }

    /// Verify an e-mail address
    ///
    /// Gives back the code that was mailed last, and the caller's password.
    #[oai(path = "/verify-email", method = "post", operation_id = "VerifyEmail")]
    async fn verify_email(&self, caller: Own<UsersEmailVerify>, given: Body<VerifyCodeRequest>) -> Result<Json<Empty>> {
        account::confirm_password(&caller, caller.server(), caller.user, &given.password).await?;
        caller
            .run_keeping_refusal(async |tx| account::address::prove_own(tx, &caller, caller.user, &given.code).await)
            .await?;
        Ok(Json(Empty {}))
    }
}
