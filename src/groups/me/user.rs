//! The caller: who they are, their address, their password and their picture.

use super::shape::{ObjectDetails, Written, written};
use crate::{
    access::permission::{
        UsersAvatarDelete, UsersEmailGet, UsersEmailUpdate, UsersEmailVerify, UsersGet, UsersLeave, UsersNameUpdate,
        UsersPasswordUpdate, UsersUpdate,
    },
    account::{self, address},
    console::Tag,
    email,
    extract::Own,
    groups::rpc::Result,
    kit::{
        body::Body,
        error,
        id::{TenantId, UserId},
        text::{DisplayName, Email, GivenPassword, NewPassword, UserName},
    },
    message::MailOptions,
    user::{self, Detailed},
};
use poem_openapi::{Enum, Object, OpenApi, payload::Json};
use std::sync::Arc;
use tenantry_boxed::boxed;

/// The caller.
#[derive(Debug, Object)]
pub struct GetMyUserResponse {
    pub(crate) user: MyUser,
}

/// A user.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MyUser {
    /// Their id.
    pub(crate) id: UserId,
    pub(crate) details: ObjectDetails,
    pub(crate) state: MyUserState,
    /// What they sign in with.
    pub(crate) user_name: String,
    /// Everything they can sign in with.
    pub(crate) login_names: Vec<String>,
    /// What they sign in with, mostly.
    pub(crate) preferred_login_name: String,
    pub(crate) human: Human,
}

/// Whether a user can sign in.
#[derive(Debug, Enum)]
pub enum MyUserState {
    /// They can.
    #[oai(rename = "USER_STATE_ACTIVE")]
    Active,
    /// They cannot.
    #[oai(rename = "USER_STATE_INACTIVE")]
    Inactive,
}

/// A person.
#[derive(Debug, Object)]
pub struct Human {
    pub(crate) profile: Profile,
    pub(crate) email: MyEmail,
}

/// How a person is shown.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Profile {
    /// Their given name, if they have said it.
    pub(crate) first_name: Option<String>,
    /// Their family name, if they have said it.
    pub(crate) last_name: Option<String>,
    /// What friends call them, if they have said it.
    pub(crate) nick_name: Option<String>,
    /// What people see.
    pub(crate) display_name: String,
    /// The tag of the language that they like best, if they have said it.
    pub(crate) preferred_language: Option<String>,
    /// Their gender, if they have said it.
    pub(crate) gender: Option<Gender>,
    /// The address of their picture.
    pub(crate) avatar_url: Option<String>,
}

/// What people say of their gender.
#[derive(Clone, Copy, Debug, Default, Enum)]
pub enum Gender {
    /// Nothing.
    #[default]
    #[oai(rename = "GENDER_UNSPECIFIED")]
    Unspecified,
    /// Female.
    #[oai(rename = "GENDER_FEMALE")]
    Female,
    /// Male.
    #[oai(rename = "GENDER_MALE")]
    Male,
    /// Neither.
    #[oai(rename = "GENDER_DIVERSE")]
    Diverse,
}

/// The caller's profile from now on: what is absent of it is removed.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UpdateMyProfileRequest {
    /// Their given name.
    first_name: DisplayName,
    /// Their family name.
    last_name: DisplayName,
    /// What friends call them; empty for nothing.
    #[oai(default, validator(max_length = 100))]
    nick_name: String,
    /// What people see.
    display_name: DisplayName,
    /// The tag of the language that they like best; empty for none.
    #[oai(
        default,
        validator(max_length = 10, pattern = "^([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*)?$")
    )]
    preferred_language: String,
    /// Their gender.
    #[oai(default)]
    gender: Gender,
}

/// The caller's profile.
#[derive(Debug, Object)]
pub struct GetMyProfileResponse {
    pub(crate) details: ObjectDetails,
    pub(crate) profile: Profile,
}

/// The caller's password, and another one.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UpdateMyPasswordRequest {
    /// The present password.
    pub(crate) old_password: GivenPassword,
    /// The password from now on.
    pub(crate) new_password: NewPassword,
}

/// The caller's address.
#[derive(Debug, Object)]
pub struct GetMyEmailResponse {
    pub(crate) details: ObjectDetails,
    pub(crate) email: MyEmail,
}

/// An address.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct MyEmail {
    /// The address in force.
    pub(crate) email: String,
    /// Whether they have proven it.
    pub(crate) is_email_verified: bool,
    /// The address that takes its place when it is proven.
    pub(crate) pending_email: Option<String>,
}

/// Another name.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UpdateMyUserNameRequest {
    /// What they sign in with from now on; kept in lower case.
    pub(crate) user_name: UserName,
}

/// Another address.
#[derive(Debug, Object)]
pub struct SetMyEmailRequest {
    /// The address that is to take the place of the present one.
    pub(crate) email: Email,
}

/// A code.
#[derive(Debug, Object)]
pub struct VerifyMyEmailRequest {
    /// The code from the mail.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(crate) code: String,
}

impl From<email::Addresses> for MyEmail {
    fn from(from: email::Addresses) -> Self {
        Self {
            email: from.primary.address,
            is_email_verified: from.primary.verified_at.is_some(),
            pending_email: from.pending.map(|pending| pending.address),
        }
    }
}

impl From<&Detailed> for Profile {
    fn from(from: &Detailed) -> Self {
        let said = user::Profile::of(&from.user);
        Self {
            first_name: said.first_name,
            last_name: said.last_name,
            nick_name: said.nickname,
            display_name: from.user.display_name.clone(),
            preferred_language: said.language,
            gender: said.gender.map(Into::into),
            avatar_url: from.user.avatar.clone(),
        }
    }
}

impl From<user::Gender> for Gender {
    fn from(from: user::Gender) -> Self {
        match from {
            user::Gender::Female => Self::Female,
            user::Gender::Male => Self::Male,
            user::Gender::Diverse => Self::Diverse,
        }
    }
}

impl UpdateMyProfileRequest {
    /// What is to change in the account.
    fn accept(self) -> error::Result<user::Edit> {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let nickname = given(self.nick_name).map(|name| name.parse::<DisplayName>());
        let nickname = nickname.transpose();
        let nickname = nickname.map_err(|why| error::Error::field("nickName", "format", why))?;
        let profile = user::Profile {
            first_name: Some(self.first_name.to_string()),
            last_name: Some(self.last_name.to_string()),
            nickname: nickname.map(|name| name.to_string()),
            language: given(self.preferred_language),
            gender: match self.gender {
                Gender::Unspecified => None,
                Gender::Female => Some(user::Gender::Female),
                Gender::Male => Some(user::Gender::Male),
                Gender::Diverse => Some(user::Gender::Diverse),
            },
        };
        Ok(user::Edit {
            display_name: Some(self.display_name),
            profile: Some(profile),
            ..user::Edit::default()
        })
    }
}

impl MyUser {
    fn new(from: Detailed, tenant: TenantId) -> Self {
        let proven = from
            .addresses
            .primary
            .verified_at
            .map(|_| from.addresses.primary.address.clone());
        let profile = Profile::from(&from);
        Self {
            id: from.user.id,
            details: ObjectDetails::new(&from, tenant),
            state: if from.user.disabled {
                MyUserState::Inactive
            } else {
                MyUserState::Active
            },
            login_names: [from.user.name.clone()].into_iter().chain(proven).collect(),
            preferred_login_name: from.user.name.clone(),
            user_name: from.user.name,
            human: Human {
                profile,
                email: from.addresses.into(),
            },
        }
    }
}

/// The operations on the caller, their address, their password and their picture.
pub struct Api;

#[OpenApi(prefix_path = "/users/me", tag = "Tag::Account")]
#[boxed]
impl Api {
    /// See oneself
    ///
    /// The account of the caller, with their profile and their address.
    #[oai(path = "/", method = "get", operation_id = "GetMyUser")]
    pub(crate) async fn get_my_user(&self, caller: Own<UsersGet>) -> Result<Json<GetMyUserResponse>> {
        let user = account::get_own(&caller).await?;
        Ok(Json(GetMyUserResponse {
            user: MyUser::new(Arc::unwrap_or_clone(user), caller.tenant.id),
        }))
    }

    /// Delete one's own account
    ///
    /// With everything of the caller's. Where the tenant lets people leave, and within 5 minutes of signing in.
    #[oai(path = "/", method = "delete", operation_id = "RemoveMyUser")]
    pub(crate) async fn remove_my_user(&self, caller: Own<UsersLeave>) -> Result<Json<Written>> {
        let user = caller
            .act(async |tx, authority| account::leave(tx, &authority, &caller.me).await)
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// Change one's own name
    ///
    /// What the caller signs in with. Where the tenant lets people, within 5 minutes of signing in, and once in 30 days;
    /// nobody else gets the name before in that time.
    #[oai(path = "/username", method = "put", operation_id = "UpdateMyUserName")]
    pub(crate) async fn update_my_user_name(
        &self,
        caller: Own<UsersNameUpdate>,
        new: Body<UpdateMyUserNameRequest>,
    ) -> Result<Json<Written>> {
        let user = caller
            .act(async |tx, authority| account::rename_own(tx, &authority, &caller.me, &new.user_name).await)
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// See one's own profile
    ///
    /// What people see of the caller.
    #[oai(path = "/profile", method = "get", operation_id = "GetMyProfile")]
    pub(crate) async fn get_my_profile(&self, caller: Own<UsersGet>) -> Result<Json<GetMyProfileResponse>> {
        let user = account::get_own(&caller).await?;
        Ok(Json(GetMyProfileResponse {
            details: ObjectDetails::new(&user, caller.tenant.id),
            profile: Profile::from(&*user),
        }))
    }

    /// Change one's own profile
    ///
    /// What people see of the caller is `displayName`; the parts of a name are what they say of themselves, and are
    /// told to applications that may see the profile.
    #[oai(path = "/profile", method = "put", operation_id = "UpdateMyProfile")]
    pub(crate) async fn update_my_profile(
        &self,
        caller: Own<UsersUpdate>,
        new: Body<UpdateMyProfileRequest>,
    ) -> Result<Json<Written>> {
        let edit = new.0.accept()?;
        let user = caller
            .run(async |tx| {
                let user = user::get_own(tx, &caller.me).await?;
                user::update(tx, user, None, |_| Ok(edit)).await
            })
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// Change one's own password
    ///
    /// Every other session of the caller ends, and they are told by mail. Wrong passwords count as in signing in.
    #[oai(path = "/password", method = "put", operation_id = "UpdateMyPassword")]
    pub(crate) async fn update_my_password(
        &self,
        caller: Own<UsersPasswordUpdate>,
        given: Body<UpdateMyPasswordRequest>,
    ) -> Result<Json<Written>> {
        let new = ("newPassword", &given.new_password);
        let user = account::change_password(&caller, caller.server(), &given.old_password, new).await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// Remove one's own picture
    ///
    /// It is no error if there is none.
    #[oai(path = "/avatar", method = "delete", operation_id = "RemoveMyAvatar")]
    pub(crate) async fn remove_my_avatar(&self, caller: Own<UsersAvatarDelete>) -> Result<Json<Written>> {
        let user = caller
            .run(async |tx| user::remove_avatar(tx, user::get_own(tx, &caller.me).await?).await)
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// See one's own e-mail address
    ///
    /// The address, whether it is proven, and the one that waits to be.
    #[oai(path = "/email", method = "get", operation_id = "GetMyEmail")]
    pub(crate) async fn get_my_email(&self, caller: Own<UsersEmailGet>) -> Result<Json<GetMyEmailResponse>> {
        let user = account::get_own(&caller).await?;
        Ok(Json(GetMyEmailResponse {
            details: ObjectDetails::new(&user, caller.tenant.id),
            email: user.addresses.clone().into(),
        }))
    }

    /// Change one's own e-mail address
    ///
    /// Mails a code to the new address. The present one stays in force until the code comes back.
    /// At most one code in 60 seconds, 5 in 10 minutes and 20 a day for each address and each
    /// account.
    #[oai(path = "/email", method = "put", operation_id = "SetMyEmail")]
    pub(crate) async fn set_my_email(
        &self,
        caller: Own<UsersEmailUpdate>,
        new: Body<SetMyEmailRequest>,
    ) -> Result<Json<Written>> {
        let options = MailOptions::of(&caller.peer);
        let user = caller
            .run(async |tx| {
                address::request_change(tx, &caller, caller.user, &new.email, options).await?;
                user::get_by_id(tx, caller.user).await
            })
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// Verify one's own e-mail address
    ///
    /// Gives back the code that was mailed last: good for 10 minutes and 5 tries.
    #[oai(path = "/email/_verify", method = "post", operation_id = "VerifyMyEmail")]
    pub(crate) async fn verify_my_email(
        &self,
        caller: Own<UsersEmailVerify>,
        given: Body<VerifyMyEmailRequest>,
    ) -> Result<Json<Written>> {
        let user = caller
            .run_keeping_refusal(async |tx| address::prove_own(tx, &caller, caller.user, &given.code).await)
            .await?;
        Ok(written(&user, caller.tenant.id))
    }

    /// Send the code once more
    ///
    /// To the address that waits for proof. Within the same limits as changing the address.
    #[oai(
        path = "/email/_resend_verification",
        method = "post",
        operation_id = "ResendMyEmailVerification"
    )]
    pub(crate) async fn resend(&self, caller: Own<UsersEmailUpdate>) -> Result<Json<Written>> {
        let options = MailOptions::of(&caller.peer);
        let user = caller
            .run(async |tx| {
                let user = user::get_by_id(tx, caller.user).await?;
                address::resend_proof(tx, &caller, &user.addresses, options).await?;
                Ok(user)
            })
            .await?;
        Ok(written(&user, caller.tenant.id))
    }
}
