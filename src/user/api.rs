//! `/users` of the console group, and the pictures of users.

use super::{
    UserQuery, query,
    wire::{
        ChangePasswordRequest, CreateUserRequest, DetailedUser, ListedUserList, OverrideEmailRequest, PatchUserRequest,
        RenameUserRequest, SentMail, User, UserSignIn,
    },
};
use crate::{
    access::{
        Authority, Managed,
        permission::{
            AvatarsGet, UsersAvatarDelete, UsersAvatarUpdate, UsersCreate, UsersDelete, UsersDisable,
            UsersEmailOverride, UsersEmailResend, UsersEnable, UsersGet, UsersList, UsersPasswordReset,
            UsersPasswordUpdate, UsersRename, UsersSignInGet, UsersUnlock, UsersUpdate,
        },
    },
    account,
    console::Tag,
    context::Signed,
    extract::{Caller, Guest},
    kit::{
        body::{Body, Patch},
        db::Tx,
        error::Result,
        http::NoContent,
        id::AvatarId,
        json::Written,
        listing::ListRequest,
        object::Versioned,
        text::{Keyword, RoleName, UserName},
        upload::Upload,
    },
};
use bytes::Bytes;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Binary,
};
use tenantry_boxed::boxed;

/// A picture.
#[derive(ApiResponse)]
pub enum Picture {
    /// The picture, as PNG.
    #[oai(status = 200, content_type = "image/png")]
    Ok(
        Binary<Bytes>,
        /// A picture of an id is always the same.
        #[oai(header = "Cache-Control")]
        String,
        /// Applications of the tenant show it on other sites.
        #[oai(header = "Cross-Origin-Resource-Policy")]
        String,
        /// It is not a page, whatever a browser makes of it.
        #[oai(header = "Content-Security-Policy")]
        String,
    ),
}

/// The users' operations.
pub struct Api;

fn answer(user: super::Detailed) -> Versioned<User> {
    let user = User::from(user);
    let version = user.version();
    Versioned::new(&user, version)
}

/// Runs an act of the caller on the user of this name, under the escalation rule.
async fn act_on(
    caller: &Signed,
    name: &UserName,
    act: impl AsyncFnOnce(&Tx, &Authority, Managed<super::Detailed>) -> Result<super::Detailed>,
) -> Result<Versioned<User>> {
    let user = caller
        .act(async |tx, authority| {
            let user = super::get_managed(tx, &authority, name).await?;
            act(tx, &authority, user).await
        })
        .await?;
    Ok(answer(user))
}

#[OpenApi(tag = "Tag::Users")]
#[boxed]
impl Api {
    /// List users
    ///
    /// Newest first, unless `sort` says otherwise. All filters must be met. A page costs about the
    /// same wherever it is if it is asked for by `cursor`; by number, pages reach the first 10000
    /// users. Of a filtered list `total` counts up to 1000.
    #[oai(path = "/users", method = "get", operation_id = "ListUsers")]
    async fn list(
        &self,
        caller: Caller<UsersList>,
        asked: ListRequest<UserQuery>,
        /// What words of the name, display name or address begin with, in any case.
        keyword: Query<Option<Keyword>>,
        /// Name of a role they have.
        role: Query<Option<RoleName>>,
    ) -> Result<Written<ListedUserList>> {
        let page = asked.page;
        let query = query::accept(asked, keyword.0, role.0)?;
        let listed = caller.run(async |tx| super::list(tx, &query, page).await).await?;
        let listed = listed.map(|user| DetailedUser::new(&caller.policy, user));
        Ok(Written::of(&listed.into()))
    }

    /// Create a user
    ///
    /// The address counts as unproven until its owner has given back a code. Roles must be the
    /// caller's own to give.
    #[oai(path = "/users", method = "post", operation_id = "CreateUser")]
    async fn create(&self, caller: Caller<UsersCreate>, new: Body<CreateUserRequest>) -> Result<Versioned<User>> {
        let hash = new.hash(&caller, &caller.server().passwords).await?;
        let new = new.0.accept(hash)?;
        let user = caller
            .act(async |tx, authority| super::invite(tx, &authority, new).await)
            .await?;
        Ok(answer(user))
    }

    /// See a user
    ///
    /// With their roles as objects.
    #[oai(path = "/users/:name", method = "get", operation_id = "GetUserDetail")]
    async fn get(
        &self,
        caller: Caller<UsersGet>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Versioned<DetailedUser>> {
        let user = caller.run(async |tx| super::get(tx, &name).await).await?;
        let user = DetailedUser::new(&caller.policy, user);
        let version = user.version();
        Ok(Versioned::with_others(&user, version))
    }

    /// Change a user's profile
    ///
    /// What is absent stays as it is. Name, address, password, roles and whether they may sign in have operations of
    /// their own.
    #[oai(path = "/users/:name", method = "patch", operation_id = "PatchUser")]
    async fn patch(
        &self,
        caller: Caller<UsersUpdate>,
        /// The user's name.
        name: Path<UserName>,
        new: Patch<PatchUserRequest, User>,
    ) -> Result<Versioned<User>> {
        let Patch(new, as_read) = new;
        let expected = new.metadata.as_ref().and_then(|metadata| metadata.version);
        let edit = |user: &super::Detailed| {
            as_read.check(|| user.clone().into())?;
            new.accept(user)
        };
        act_on(&caller, &name, async |tx, _, user| {
            super::update(tx, user, expected, edit).await
        })
        .await
    }

    /// Give a user another name
    ///
    /// Their id, sessions and tokens stay; they sign in with the new name, and nobody else gets the old one for 30 days.
    /// Rules of roles that name them name them by the new one.
    #[oai(path = "/users/:name/rename", method = "post", operation_id = "RenameUser")]
    async fn rename(
        &self,
        caller: Caller<UsersRename>,
        /// The user's name.
        name: Path<UserName>,
        new: Body<RenameUserRequest>,
    ) -> Result<Versioned<User>> {
        act_on(&caller, &name, async |tx, authority, user| {
            account::rename(tx, authority, user, &new.new_name).await
        })
        .await
    }

    /// Delete a user
    ///
    /// With everything of theirs; what they did stays in the audit trail.
    #[oai(path = "/users/:name", method = "delete", operation_id = "DeleteUser")]
    async fn delete(
        &self,
        caller: Caller<UsersDelete>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<NoContent> {
        caller
            .act(async |tx, authority| {
                let user = super::get_managed(tx, &authority, &name).await?;
                super::remove(tx, &authority, user).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// Set a user's password
    ///
    /// All of their sessions end. With `mustChange` they have to choose another one at their next
    /// sign-in before anything else.
    #[oai(
        path = "/users/:name/password",
        method = "put",
        operation_id = "ChangeAnyonePassword"
    )]
    async fn change_password(
        &self,
        caller: Caller<UsersPasswordUpdate>,
        /// The user's name.
        name: Path<UserName>,
        new: Body<ChangePasswordRequest>,
    ) -> Result<Versioned<User>> {
        let about = caller.read(async |tx| super::words_of_name(tx, &name).await).await?;
        let hash =
            account::hash_password(&caller, &caller.server().passwords, "password", &new.password, &about).await?;
        act_on(&caller, &name, async |tx, _, user| {
            let new = account::NewHash {
                hash,
                must_change: new.must_change,
                keep: None,
                language: caller.peer.language,
            };
            account::override_password(tx, user, new).await
        })
        .await
    }

    /// Set a user's e-mail address
    ///
    /// Without their proof; an address that waits for proof is dropped.
    #[oai(path = "/users/:name/email", method = "put", operation_id = "OverrideUserEmail")]
    async fn override_email(
        &self,
        caller: Caller<UsersEmailOverride>,
        /// The user's name.
        name: Path<UserName>,
        new: Body<OverrideEmailRequest>,
    ) -> Result<Versioned<User>> {
        act_on(&caller, &name, async |tx, _, user| {
            account::address::override_address(tx, user, &new.email, new.verified).await
        })
        .await
    }

    /// Set a user's picture
    ///
    /// As for one's own.
    #[oai(path = "/users/:name/avatar", method = "post", operation_id = "UploadUserAvatar")]
    async fn upload_avatar(
        &self,
        caller: Caller<UsersAvatarUpdate>,
        /// The user's name.
        name: Path<UserName>,
        file: Upload,
    ) -> Result<Versioned<User>> {
        let kept = account::keep_picture(&caller, caller.server(), file).await?;
        let set = act_on(&caller, &name, async |tx, _, user| {
            super::set_avatar(tx, user, kept.arrived(), |id| super::wire::avatar_url(&caller, id)).await
        });
        let set = set.await;
        kept.end(set).await
    }

    /// Remove a user's picture
    ///
    /// It is no error if there is none.
    #[oai(path = "/users/:name/avatar", method = "delete", operation_id = "DeleteUserAvatar")]
    async fn delete_avatar(
        &self,
        caller: Caller<UsersAvatarDelete>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Versioned<User>> {
        act_on(&caller, &name, async |tx, _, user| super::remove_avatar(tx, user).await).await
    }

    /// Keep a user from signing in
    ///
    /// Their sessions and tokens end at once. Doing it twice is doing it once.
    #[oai(path = "/users/:name/disable", method = "post", operation_id = "DisableUser")]
    async fn disable(
        &self,
        caller: Caller<UsersDisable>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Versioned<User>> {
        act_on(&caller, &name, async |tx, authority, user| {
            account::set_disabled(tx, authority, user, true).await
        })
        .await
    }

    /// Let a user sign in again
    ///
    /// Doing it twice is doing it once.
    #[oai(path = "/users/:name/enable", method = "post", operation_id = "EnableUser")]
    async fn enable(
        &self,
        caller: Caller<UsersEnable>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Versioned<User>> {
        act_on(&caller, &name, async |tx, authority, user| {
            account::set_disabled(tx, authority, user, false).await
        })
        .await
    }

    /// See whether a user can sign in
    ///
    /// And why not: what keeps them out, what they have to wait for, and their last sign-ins that were refused.
    #[oai(path = "/users/:name/sign-in", method = "get", operation_id = "GetUserSignIn")]
    async fn get_sign_in(
        &self,
        caller: Caller<UsersSignInGet>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Written<UserSignIn>> {
        let master = &caller.services.master;
        let state = caller
            .run(async |tx| account::sign_in_state(tx, master, &name).await)
            .await?;
        Ok(Written::of(&state.into()))
    }

    /// Let a user try again at once
    ///
    /// Forgets the wrong passwords and codes at their account, and so what they have to wait for. What holds for a
    /// whole network stays. Doing it twice is doing it once.
    #[oai(path = "/users/:name/unlock", method = "post", operation_id = "UnlockUser")]
    async fn unlock(
        &self,
        caller: Caller<UsersUnlock>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<NoContent> {
        caller
            .act(async |tx, authority| {
                let user = super::get_managed(tx, &authority, &name).await?;
                account::unlock(tx, &caller.services.master, &authority, user).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// Mail a user the means to choose another password
    ///
    /// The mail that whoever forgot their password asks for: to the user's address, with a code and a link that are good
    /// for 10 minutes. At most one in 60 seconds, 5 in 10 minutes and 20 a day.
    #[oai(
        path = "/users/:name/send-password-reset",
        method = "post",
        operation_id = "SendUserPasswordReset"
    )]
    async fn send_password_reset(
        &self,
        caller: Caller<UsersPasswordReset>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Written<SentMail>> {
        let sent = caller
            .act(async |tx, authority| {
                let user = super::get_managed(tx, &authority, &name).await?;
                account::send_reset(tx, &caller, user).await
            })
            .await?;
        Ok(SentMail::answer(sent))
    }

    /// Mail a user a code for their address
    ///
    /// To the address that waits for proof: the one that is to take the place of theirs, or else theirs. At most one in
    /// 60 seconds, 5 in 10 minutes and 20 a day.
    #[oai(
        path = "/users/:name/send-verification",
        method = "post",
        operation_id = "SendUserVerification"
    )]
    async fn send_verification(
        &self,
        caller: Caller<UsersEmailResend>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Written<SentMail>> {
        let sent = caller
            .act(async |tx, authority| {
                let user = super::get_managed(tx, &authority, &name).await?;
                account::send_proof(tx, &caller, user).await
            })
            .await?;
        Ok(SentMail::answer(sent))
    }

    /// See a picture
    ///
    /// Of whoever has it in `spec.avatar`. Its id tells nothing and cannot be guessed.
    #[oai(path = "/avatars/:name", method = "get", operation_id = "GetAvatar")]
    async fn get_avatar(
        &self,
        guest: Guest<AvatarsGet>,
        /// The picture's id.
        name: Path<AvatarId>,
    ) -> Result<Picture> {
        let png = account::picture(&guest, guest.server(), name.0).await?;
        Ok(Picture::Ok(
            Binary(png),
            "public, max-age=31536000, immutable".to_owned(),
            "cross-origin".to_owned(),
            "default-src 'none'; sandbox".to_owned(),
        ))
    }
}
