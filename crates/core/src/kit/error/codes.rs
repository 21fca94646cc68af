//! The stable codes of problems: what each is called, answers and means.

use super::table::codes;
use crate::kit::text::Language;
use poem::http::StatusCode;

codes! {
    /// The body is not JSON (RFC 8259), or not in UTF-8.
    Malformed = 400 "malformed" "Malformed body" "The body is not what its type says: valid JSON in UTF-8, or a form."
        "内容格式错误" "请求内容与其类型不符：应为 UTF-8 编码的有效 JSON，或表单。";
    /// Fields or parameters are missing, of the wrong type, too long or not in their format; `errors` names each.
    Invalid = 400 "invalid" "Invalid request" "Some fields of the request are not valid; see `errors`."
        "请求无效" "请求中的部分字段无效，详见 `errors`。";
    /// No credentials were sent, or they are expired, ended or not of this tenant.
    Unauthenticated = 401 "unauthenticated" "Not signed in" "Sign in first: the request has no valid access token or session."
        "未登录" "请先登录：请求中没有有效的访问令牌或会话。";
    /// The name, address or password of a sign-in is wrong, or the account cannot sign in. It is not said which.
    CredentialsInvalid = 401 "credentials_invalid" "Wrong credentials" "The name or the password is wrong."
        "凭据错误" "用户名或密码错误。";
    /// A refresh token is unknown, expired, or was used before; in the last case its session has ended.
    RefreshTokenInvalid = 401 "refresh_token_invalid" "Invalid refresh token" "The refresh token is not valid. Sign in again."
        "刷新令牌无效" "刷新令牌无效，请重新登录。";
    /// The caller is known and may not do this.
    Forbidden = 403 "forbidden" "Not permitted" "Your roles do not permit this."
        "无权限" "您的角色不允许此操作。";
    /// A request with a session cookie came from another site; see `Sec-Fetch-Site` and `Origin`.
    CrossSite = 403 "cross_site" "Cross-site request" "A request that changes something must come from this site when it is signed in by cookie."
        "跨站请求" "以 Cookie 登录时，更改内容的请求必须来自本站。";
    /// The tenant exists and an operator has suspended it.
    TenantSuspended = 403 "tenant_suspended" "Tenant suspended" "This tenant is suspended."
        "租户已停用" "该租户已停用。";
    /// Nothing is there, or nothing the caller may know of.
    NotFound = 404 "not_found" "Not found" "There is nothing here."
        "未找到" "此处没有内容。";
    /// The host or the `/t/<tenant>` of the address names no tenant.
    TenantNotFound = 404 "tenant_not_found" "No such tenant" "No tenant lives at this address."
        "租户不存在" "此地址没有租户。";
    /// The tenant has no user of this name that the caller may know of.
    UserNotFound = 404 "user_not_found" "No such user" "There is no user of this name."
        "用户不存在" "没有此名称的用户。";
    /// No message has this id in the tenant.
    MessageNotFound = 404 "message_not_found" "No such message" "There is no message of this id."
        "邮件不存在" "没有此编号的邮件。";
    /// The path exists and has no such method; `Allow` lists those it has.
    MethodNotAllowed = 405 "method_not_allowed" "Method not allowed" "This resource has no such method."
        "方法不允许" "此资源没有该方法。";
    /// Another user of the tenant has this name, in any case.
    UserNameTaken = 409 "user_name_taken" "Name taken" "Another user has this name, or gave it up in the last 30 days."
        "用户名已被使用" "其他用户已使用此名称，或在最近 30 天内放弃了它。";
    /// Another user of the tenant has this address.
    EmailTaken = 409 "email_taken" "Address taken" "Another user has this e-mail address."
        "地址已被使用" "其他用户已使用此邮箱地址。";
    /// The body is larger than the limit, also if it came in chunks.
    TooLarge = 413 "too_large" "Body too large" "The body is larger than the operation takes."
        "内容过大" "请求内容超出此操作的上限。";
    /// The body is of a type the operation does not read.
    UnsupportedMediaType = 415 "unsupported_media_type" "Unsupported media type" "Send the body as the operation reads it; mostly application/json."
        "不支持的内容类型" "请按此操作接受的类型发送内容，通常为 application/json。";
    /// The code is wrong, expired, used up, superseded by a newer one, or meant for something else. It is not said which.
    CodeInvalid = 400 "code_invalid" "Invalid code" "The code is wrong or has expired. Ask for a new one."
        "验证码无效" "验证码错误或已过期，请重新获取。";
    /// The password that confirms this act is not the caller's.
    PasswordWrong = 400 "password_wrong" "Wrong password" "The password is not yours."
        "密码错误" "这不是您的密码。";
    /// The address is the caller's own and already proven.
    EmailAlreadyVerified = 400 "email_already_verified" "Already verified" "This address is already verified."
        "已验证" "此地址已验证。";
    /// The caller has no address that waits for proof.
    EmailNotPending = 404 "email_not_pending" "Nothing to verify" "No address of yours waits for verification."
        "没有待验证的地址" "您没有等待验证的地址。";
    /// The new address is the present one.
    EmailNotChanged = 400 "email_not_changed" "Address not changed" "This is already your address."
        "地址未更改" "这已经是您的地址。";
    /// A role of the request does not exist in this tenant.
    RoleUnknown = 400 "role_unknown" "Unknown role" "There is no role of this name."
        "未知角色" "没有此名称的角色。";
    /// A code was sent to this address or account too recently or too often.
    TooManyCodes = 429 "too_many_codes" "Too many codes" "A code was sent a short while ago. Wait before you ask for another."
        "验证码过于频繁" "刚刚已发送过验证码，请稍后再获取。";
    /// More is asked for at once than the server lets queue up.
    Busy = 503 "busy" "Busy" "The server is busy. Try again shortly."
        "繁忙" "服务器繁忙，请稍后重试。";
    /// A fault of the server; the request id finds it in the log.
    Internal = 500 "internal" "Internal error" "Something went wrong on our side. Tell the operator the request id."
        "内部错误" "我们这边出了问题。请将请求编号告知运维人员。";
    /// The request is not HTTP the server can follow.
    BadRequest = 400 "bad_request" "Bad request" "The request cannot be understood."
        "请求错误" "无法理解该请求。";
    /// The act would give what the caller does not have, or is on somebody who may do what the caller may not.
    Escalation = 403 "escalation" "Above you" "This concerns permissions that you do not have yourself."
        "超出您的权限" "这涉及您自己没有的权限。";
    /// The caller's password was set by somebody else; until they choose their own, nothing else is permitted.
    PasswordChangeRequired = 403 "password_change_required" "Choose a password" "Choose a password of your own first."
        "请设置密码" "请先设置您自己的密码。";
    /// The act would leave the tenant without an owner who can sign in and do everything.
    LastOwner = 409 "last_owner" "Last owner" "The tenant needs an owner who can do everything."
        "最后一位所有者" "租户需要一位拥有全部权限的所有者。";
    /// Nobody disables or deletes the account they are signed in with.
    OwnAccount = 409 "own_account" "Your own account" "Somebody else has to do this to your account."
        "您自己的账户" "须由他人对您的账户执行此操作。";
    /// The tenant has no role of this name.
    RoleNotFound = 404 "role_not_found" "No such role" "There is no role of this name."
        "角色不存在" "没有此名称的角色。";
    /// Another role of the tenant has this name.
    RoleNameTaken = 409 "role_name_taken" "Name taken" "Another role has this name."
        "名称已被使用" "其他角色已使用此名称。";
    /// Built-in roles are the same in every tenant.
    RoleBuiltIn = 409 "role_built_in" "Built-in role" "A built-in role cannot be changed or deleted. Make one that inherits it."
        "内置角色" "内置角色不能更改或删除。请新建一个继承它的角色。";
    /// Users have the role, or roles inherit it, and the request does not say which role takes its place.
    RoleInUse = 409 "role_in_use" "Role in use" "The role is in use. Say which role takes its place."
        "角色使用中" "该角色正在使用。请指定由哪个角色取代它。";
    /// The object was changed since the version that the body or `If-Match` names.
    VersionConflict = 409 "version_conflict" "Changed meanwhile" "Somebody else changed this meanwhile. Read it again."
        "已被更改" "在此期间他人已作更改，请重新读取。";
    /// The object is not of the version that `If-Match` asks for (RFC 9110 §13.1.1).
    PreconditionFailed = 412 "precondition_failed" "Precondition failed" "This is not of the version you asked for."
        "前提条件不满足" "这不是您要求的版本。";
    /// The user has no live session of this id.
    SessionNotFound = 404 "session_not_found" "No such session" "There is no session of this id."
        "会话不存在" "没有此编号的会话。";
    /// No picture has this id.
    AvatarNotFound = 404 "avatar_not_found" "No such picture" "There is no picture of this id."
        "图片不存在" "没有此编号的图片。";
    /// There is no policy of this name.
    PolicyNotFound = 404 "policy_not_found" "No such policy" "There is no policy of this name."
        "策略不存在" "没有此名称的策略。";
    /// Passwords, codes or sign-ups were tried too often for this account, from this network, or in the whole tenant; `RateLimit-Policy` names the limit.
    TooManyAttempts = 429 "too_many_attempts" "Too many tries" "There were too many tries. Wait before the next one."
        "尝试次数过多" "尝试次数过多，请稍后再试。";
    /// The tenant takes nobody who signs up by themself; or only who was invited, and the request brings no invitation.
    SignUpClosed = 403 "sign_up_closed" "Sign-up closed" "You need an invitation to sign up here."
        "注册已关闭" "在此注册需要邀请。";
    /// The tenant takes no addresses of this domain.
    EmailDomainRefused = 400 "email_domain_refused" "Domain not accepted" "Addresses of this domain are not accepted here."
        "域名不被接受" "此处不接受该域名的邮箱地址。";
    /// No invitation has this id, or it was accepted or withdrawn.
    InvitationNotFound = 404 "invitation_not_found" "No such invitation" "There is no open invitation of this id."
        "邀请不存在" "没有此编号的有效邀请。";
    /// The tenant asks for a CAPTCHA here, and the request has no token in `X-Captcha-Token`.
    CaptchaRequired = 400 "captcha_required" "CAPTCHA required" "Show that you are a person first: send the token of the CAPTCHA."
        "需要人机验证" "请先证明您是真人：发送人机验证的令牌。";
    /// The CAPTCHA token is wrong, expired, used before, or was solved on another site or for something else. It is not said which.
    CaptchaFailed = 400 "captcha_failed" "CAPTCHA failed" "The CAPTCHA was not solved or has expired. Solve a new one."
        "人机验证未通过" "人机验证未完成或已过期，请重新验证。";
    /// The CAPTCHA cannot be checked: its provider does not answer, or the tenant's policy for it is to be mended.
    CaptchaUnavailable = 503 "captcha_unavailable" "CAPTCHA unavailable" "The CAPTCHA cannot be checked just now. Try again shortly."
        "人机验证不可用" "暂时无法进行人机验证，请稍后重试。";
    /// There is no room left for the data. Nothing of the request was written; it works again as soon as there is room.
    StorageFull = 503 "storage_full" "Storage full" "There is no room left for data. Tell the operator, and try again later."
        "存储空间已满" "存储数据的空间已用尽。请告知运维人员，并稍后重试。";
    /// The database cannot be used just now: it does not answer, reads only, or its files cannot be read or written. Nothing of the request was written.
    DatabaseUnavailable = 503 "database_unavailable" "Database unavailable" "The database cannot be used just now. Try again shortly."
        "数据库不可用" "暂时无法使用数据库，请稍后重试。";
    /// The connection to the database broke while it was asked to keep the change: it may have been kept or not. Look before you try again.
    OutcomeUnknown = 503 "outcome_unknown" "Outcome unknown" "The change may have been made or not. Look before you try again."
        "结果未知" "更改可能已完成，也可能未完成。请先查看再重试。";
    /// The body of the request came too slowly. Nothing of the request was done.
    RequestTimeout = 408 "request_timeout" "Body too slow" "The body did not come in time. Try again."
        "请求超时" "请求内容未能及时送达，请重试。";
    /// The password is right, and the account cannot sign in before its address is proven; a code was mailed.
    EmailUnverified = 403 "email_unverified" "Address not verified" "The password is right. Verify your e-mail address first, with the code that was mailed to it."
        "邮箱未验证" "密码正确。请先用发送到邮箱的验证码验证邮箱地址。";
    /// The password was given by an administrator, was to be changed at the next sign-in, and is too old for that.
    PasswordExpired = 403 "password_expired" "Password expired" "The password you were given is no longer good. Choose another one by mail, or ask an administrator."
        "密码已过期" "为您设置的临时密码已失效。请通过邮件重设密码，或联系管理员。";
    /// The data of this tenant cannot be opened just now. Nothing of the request was written; other tenants are not concerned.
    TenantUnavailable = 503 "tenant_unavailable" "Tenant unavailable" "The data of this tenant cannot be used just now. Tell the operator, and try again later."
        "租户不可用" "暂时无法使用该租户的数据。请告知运维人员，并稍后重试。";
    /// Not answered any more: `message_not_resendable` took its place.
    MessageNotFailed = 409 "message_not_failed" "Nothing to send again" "Only a message that failed or waits can be sent again."
        "无需重新发送" "只有发送失败或正在等待的消息才能重新发送。";
    /// Another request brings the same `Idempotency-Key` and has another body.
    IdempotencyKeyReused = 422 "idempotency_key_reused" "Key used for something else" "This Idempotency-Key came with another body before. Use a new one for each thing you want done."
        "幂等键已用于其他请求" "此 Idempotency-Key 之前随另一内容使用过。请为每个操作使用新的键。";
    /// The first request with this `Idempotency-Key` is not answered yet.
    RequestRunning = 409 "request_running" "Still running" "The first request with this Idempotency-Key is not answered yet. Ask again shortly."
        "仍在处理" "使用此 Idempotency-Key 的首个请求尚未完成，请稍后再试。";
    /// What the first request with this `Idempotency-Key` asked for was done, but its answer was lost on the way, such as when the server was stopped.
    AnswerLost = 409 "answer_lost" "Done, answer lost" "The first request with this Idempotency-Key did what it asked for, but its answer was lost. Read what is there now."
        "已完成但应答丢失" "使用此 Idempotency-Key 的首个请求已完成，但其应答已丢失。请读取当前状态。";
    /// No application of the tenant has this name.
    ApplicationNotFound = 404 "application_not_found" "No such application" "There is no application of this name."
        "应用不存在" "没有此名称的应用。";
    /// Another application of the tenant has this name, which is its `client_id`.
    ApplicationNameTaken = 409 "application_name_taken" "Name taken" "Another application has this name."
        "名称已被使用" "其他应用已使用此名称。";
    /// Built-in applications are the same in every tenant: they can be disabled and enabled, and nothing else.
    ApplicationBuiltIn = 409 "application_built_in" "Built-in application" "A built-in application can only be disabled and enabled."
        "内置应用" "内置应用只能停用或启用。";
    /// The application proves nothing by a secret: its method is `none`.
    ApplicationPublic = 409 "application_public" "No secret to keep" "This application keeps no secret. Let it authenticate by one first."
        "无法保管密钥" "此应用不保管密钥。请先为其选择使用密钥的认证方式。";
    /// Two secrets are good at one time; delete one before another is made.
    TooManySecrets = 409 "too_many_secrets" "Two secrets already" "There are two secrets already. Delete one of them first."
        "已有两个密钥" "已有两个密钥，请先删除其中一个。";
    /// No secret that is good has this id.
    SecretNotFound = 404 "secret_not_found" "No such secret" "There is no secret of this id."
        "密钥不存在" "没有此编号的密钥。";
    /// No API of the tenant has this id.
    ResourceServerNotFound = 404 "resource_server_not_found" "No such API" "There is no API of this id."
        "API 不存在" "没有此编号的 API。";
    /// Another API of the tenant has this audience.
    AudienceTaken = 409 "audience_taken" "Audience taken" "Another API has this audience."
        "受众已被使用" "其他 API 已使用此受众。";
    /// The client is unknown, disabled, did not prove who it is, or did so in a way that is not its own. It is not said which (RFC 6749 §5.2).
    ClientInvalid = 401 "invalid_client" "Invalid client" "The client is unknown, or its secret is wrong."
        "客户端无效" "客户端未知，或其密钥错误。";
    /// A program that calls for itself has no account of its own to look after.
    PersonRequired = 403 "person_required" "For people" "This is for people who are signed in, and not for programs."
        "仅限用户" "此操作仅供已登录的用户使用，不适用于程序。";
    /// The roles permit it, and the access token does not: `WWW-Authenticate` names the scope it would take (RFC 6750 §3.1).
    InsufficientScope = 403 "insufficient_scope" "Not in the token's scope" "The access token is not for this. Ask for one whose scope permits it."
        "超出令牌范围" "访问令牌不适用于此操作。请申请范围允许此操作的令牌。";
    /// The code or refresh token of an application is not valid, not any more, or not its own (RFC 6749 §5.2).
    GrantInvalid = 400 "invalid_grant" "Invalid grant" "The code or refresh token is not valid. Let the user sign in again."
        "授权无效" "授权码或刷新令牌无效，请让用户重新登录。";
    /// There is one notifier: `default-email-notifier`.
    NotifierNotFound = 404 "notifier_not_found" "No such notifier" "There is no notifier of this name."
        "通知器不存在" "没有此名称的通知器。";
    /// No sender of the tenant has this name.
    SenderNotFound = 404 "sender_not_found" "No such sender" "There is no sender of this name."
        "发件服务不存在" "没有此名称的发件服务。";
    /// Another sender of the tenant has this name.
    SenderNameTaken = 409 "sender_name_taken" "Name taken" "Another sender has this name."
        "名称已被使用" "其他发件服务已使用此名称。";
    /// The host of a sender is an address that is not public, or a name for one. The operator can name networks that may be reached all the same.
    SenderHostRefused = 400 "sender_host_refused" "Host refused" "The host is no public address. The operator can allow its network."
        "主机被拒绝" "该主机不是公网地址。运维人员可以允许其所在网络。";
    /// Mail may leave without TLS only to a private network that the operator allows, and a password never.
    EncryptionRequired = 400 "encryption_required" "Encryption required" "Choose STARTTLS or TLS: this relay is not reached without."
        "需要加密" "请选择 STARTTLS 或 TLS：不加密无法使用此服务器。";
    /// The mail was not delivered to the relay; `errors` has every step with what the relay said.
    SenderNotReached = 400 "sender_not_reached" "Not delivered" "The relay did not take the mail. The steps say where it ended."
        "未送达" "服务器未接受邮件。各步骤显示失败之处。";
    /// A test mail goes to the caller's own address, and they have none that is proven.
    CallerHasNoAddress = 400 "caller_has_no_address" "No address" "You have no verified e-mail address the mail could go to."
        "没有邮箱地址" "您没有可接收邮件的已验证邮箱地址。";
    /// A message is cancelled only while it waits: not while a relay is told, nor when all is over.
    MessageUnderWay = 409 "message_under_way" "Too late" "The message does not wait any more, so it cannot be cancelled."
        "为时已晚" "该邮件已不在等待，无法取消。";
    /// No provider of sign-in has this name, or it is disabled or not complete and the caller may not know of it.
    ProviderNotFound = 404 "provider_not_found" "No such provider" "There is no way to sign in of this name."
        "登录方式不存在" "没有此名称的登录方式。";
    /// Another provider of the tenant has this name.
    ProviderNameTaken = 409 "provider_name_taken" "Name taken" "Another provider has this name."
        "名称已被使用" "其他登录方式已使用此名称。";
    /// The sign-in with name and password is always there.
    ProviderPrivileged = 409 "provider_privileged" "Always there" "Signing in with name and password cannot be switched off."
        "始终可用" "不能关闭用户名和密码登录。";
    /// The provider lacks what it takes to sign somebody in: `status.missing` of its configuration names it.
    ProviderIncomplete = 409 "provider_incomplete" "Not complete" "The provider is not complete: see `status.missing`."
        "配置不完整" "该登录方式的配置不完整，详见 `status.missing`。";
    /// Some users sign in through this provider and by nothing else, and the request does not say `confirm`.
    ProviderInUse = 409 "provider_in_use" "Provider in use" "Some people can sign in by nothing else. Say `confirm=true` to go on."
        "登录方式使用中" "有用户只能通过它登录。若要继续，请指定 `confirm=true`。";
    /// Accounts are linked to identities of this provider, which by the change would be other people's.
    ProviderHasIdentities = 409 "provider_has_identities" "Provider has identities" "Accounts are linked to identities of this provider. Make another provider, or remove them with it."
        "登录方式已有关联身份" "已有账户关联到该登录方式的身份。请新建一个，或连同身份一并删除。";
    /// The issuer's metadata (`/.well-known/openid-configuration`) cannot be read, or lack what signing in takes.
    IssuerUnreachable = 400 "issuer_unreachable" "Issuer not reached" "The metadata of this issuer cannot be read."
        "无法访问颁发者" "无法读取该颁发者的元数据。";
    /// The metadata name another issuer than the one that was typed; they are compared letter by letter.
    IssuerMismatch = 400 "issuer_mismatch" "Another issuer" "The metadata are those of another issuer. Type it exactly as they have it."
        "颁发者不一致" "元数据属于另一个颁发者。请完全按照元数据中的写法填写。";
    /// An address of the provider is none that may be called: not https, with a user name or a fragment, or of a private network.
    EndpointRefused = 400 "endpoint_refused" "Address not accepted" "An address of the provider is not accepted: it must be https, public, and without a user name or a fragment."
        "地址不被接受" "该登录方式的地址不被接受：必须为公网 https 地址，且不含用户名和片段。";
    /// A stored secret belongs to where it is sent and as whom: whoever changes one of these gives it again, or removes it with null.
    SecretRequired = 400 "secret_required" "Secret required" "The stored secret is not sent elsewhere. Give it again, or remove it."
        "需要密钥" "已保存的密钥不会发送到其他地方。请重新输入或将其移除。";
    /// The answer of a provider came to a browser that did not begin the sign-in, too late, or a second time.
    SignInNotBegun = 400 "sign_in_not_begun" "Sign-in not begun here" "This sign-in was not begun here, or too long ago. Begin again."
        "登录未在此处开始" "此登录不是在此处开始的，或已过期。请重新开始。";
    /// The answer names another issuer than the one that was asked (RFC 9207).
    ProviderMixedUp = 400 "provider_mixed_up" "From somewhere else" "The answer came from somewhere else. Nothing was done."
        "来源不符" "应答来自其他地方，未执行任何操作。";
    /// The provider did not sign the person in; the audit trail has its code.
    ProviderRefused = 400 "provider_refused" "Refused by the provider" "The provider did not sign you in."
        "登录方式已拒绝" "该登录方式未能让您登录。";
    /// The provider does not answer, or too slowly.
    ProviderUnavailable = 503 "provider_unavailable" "Provider unavailable" "The provider does not answer now. You were not signed in; other ways work."
        "登录方式不可用" "该登录方式暂时没有响应。您尚未登录，其他方式可用。";
    /// The provider does not take the client id, the secret or the redirect URI.
    ProviderMisconfigured = 502 "provider_misconfigured" "Provider set up wrongly" "This way to sign in is set up wrongly. Tell whoever runs the site."
        "登录方式配置错误" "此登录方式配置有误，请告知站点管理员。";
    /// What the provider says of the person is not signed, not for us, not of now, or not whole.
    ProviderAnswerInvalid = 502 "provider_answer_invalid" "Answer not trusted" "The answer of the provider could not be trusted. Nothing was done."
        "应答不可信" "该登录方式的应答不可信，未执行任何操作。";
    /// The person's account at the provider is none of those that are taken here, such as by its domain.
    ProviderAccountRefused = 403 "provider_account_refused" "Account not accepted" "This account of the provider is not accepted here."
        "账户不被接受" "此处不接受该登录方式的此账户。";
    /// The identity at the provider is linked to another account of the tenant.
    IdentityTaken = 409 "identity_taken" "Identity taken" "This account of the provider belongs to another account here."
        "身份已被关联" "该登录方式的此账户已关联到这里的其他账户。";
    /// A sender has no key of this selector.
    DkimKeyNotFound = 404 "dkim_key_not_found" "Key not found" "The sender has no key of this selector."
        "未找到密钥" "该发件人没有此选择器的密钥。";
    /// The account has no such identity at this provider.
    IdentityNotFound = 404 "identity_not_found" "No such identity" "The account is not linked to this identity."
        "身份不存在" "该账号未关联此身份。";
    /// It is the last way into the account: there is no password, and no other identity at a provider that is enabled.
    LastSignInMethod = 409 "last_sign_in_method" "Last way to sign in" "This is the last way into your account. Choose a password first."
        "最后的登录方式" "这是您账号最后的登录方式，请先设置密码。";
    /// It takes a sign-in of at most five minutes ago.
    ReauthenticationRequired = 403 "reauthentication_required" "Sign in once more" "You signed in too long ago for this. Sign in once more."
        "请重新登录" "您登录的时间已久，请重新登录后再试。";
    /// Only a message that failed or was cancelled is sent again, once, within 24 hours, and as long as somebody waits for its code or link.
    MessageNotResendable = 409 "message_not_resendable" "Not sent again" "This message is not sent again: it waits or has left, was sent again before, is too old, or nobody waits for it any more."
        "无法重新发送" "该邮件无法重新发送：它正在等待或已发出、已重新发送过、时间过久，或已无人等待。";
    /// No relay has refused this address for good of late, or it was removed from the list already.
    UndeliverableAddressNotFound = 404 "undeliverable_address_not_found" "Not on the list" "This address is none that mail is kept from."
        "地址不在列表中" "该地址不是无法投递的地址。";
    /// There is no group of settings of this name: `basic`, `user`, `mail`, `authProvider` and `security` are all, and `default` of a policy.
    ConfigGroupNotFound = 404 "config_group_not_found" "No such group of settings" "There is no group of settings of this name."
        "未找到设置组" "不存在此名称的设置组。";
    /// A report of bounces is not signed by the secret that the tenant made for that, more than five minutes ago, or there is no secret.
    SignatureInvalid = 401 "signature_invalid" "Not signed" "The request is not signed by a secret of this tenant, or was too long ago."
        "签名无效" "请求未由该租户的密钥签名，或已过期。";
    /// No file of the tenant has this name, or it was deleted.
    AttachmentNotFound = 404 "attachment_not_found" "No such file" "There is no file of this name."
        "文件不存在" "没有此名称的文件。";
    /// The tenant has no group of files of this name.
    GroupNotFound = 404 "group_not_found" "No such group" "There is no group of files of this name."
        "分组不存在" "没有此名称的文件分组。";
    /// The branding of the tenant shows this file: another one has to take its place first.
    AttachmentInUse = 409 "attachment_in_use" "File in use" "The branding shows this file. Choose another one there first."
        "文件使用中" "品牌设置正在使用此文件，请先在那里更换。";
    /// The tenant would have more than it may; `errors` says how much it may have, and how much it has.
    QuotaExceeded = 409 "quota_exceeded" "Quota exceeded" "There is no room left for this. Delete something first, or ask for more."
        "超出配额" "剩余空间不足。请先删除一些内容，或申请更多空间。";
    /// The content of a file is of a type that the tenant does not take, or another one than its sender says.
    TypeRefused = 415 "type_refused" "Type not accepted" "Files of this type are not accepted; `errors` says of which type it is."
        "文件类型不被接受" "不接受此类型的文件，`errors` 中说明了其类型。";
    /// The address of a file is none that the server calls: not https, with a user name, or of a private network.
    SourceRefused = 400 "source_refused" "Address not accepted" "The address is not called: it must be https, public, and without a user name or a fragment."
        "地址不被接受" "不会访问该地址：必须为公网 https 地址，且不含用户名和片段。";
    /// Where a file is to come from does not answer with it: not at all, too slowly, with an error or with a redirect.
    SourceFailed = 502 "source_failed" "File not fetched" "The file could not be fetched from there."
        "获取文件失败" "无法从该地址获取文件。";
    /// None of the bytes that `Range` asks for is in the file; `Content-Range` says how long it is (RFC 9110 §15.5.17).
    RangeNotSatisfiable = 416 "range_not_satisfiable" "Range not satisfiable" "The file does not have the bytes you asked for."
        "请求范围无效" "文件中没有您请求的字节。";
    /// The store that keeps files does not answer. Nothing else is concerned.
    FilesUnavailable = 503 "files_unavailable" "Files unavailable" "Files cannot be read or kept just now. Try again shortly."
        "文件服务不可用" "暂时无法读取或保存文件，请稍后重试。";
    /// The tenant has no backup of this name, or not that file.
    BackupNotFound = 404 "backup_not_found" "No such backup" "There is no backup of this name."
        "备份不存在" "没有此名称的备份。";
    /// The file of a backup is not there: it is still being made, or could not be.
    BackupNotReady = 400 "backup_not_ready" "Backup not ready" "This backup has no file: it is still being made, or it failed."
        "备份未就绪" "此备份没有文件：仍在创建中，或创建失败。";
    /// A backup of the tenant is being made.
    BackupRunning = 409 "backup_running" "Backup running" "A backup is being made. Wait until it is done, or delete it."
        "备份进行中" "正在创建备份。请等待完成，或将其删除。";
    /// The file is something else than a backup.
    NotABackup = 400 "not_a_backup" "Not a backup" "This file is not a backup."
        "不是备份文件" "此文件不是备份。";
    /// The file was made by a newer version.
    BackupNewer = 400 "backup_newer" "Backup of a newer version" "A newer version made this backup. Update the server first."
        "备份来自更新版本" "此备份由更新的版本创建，请先升级服务器。";
    /// None of the keys of this instance opens the file.
    BackupForeign = 400 "backup_foreign" "Backup of another key" "This backup opens with none of the keys here."
        "备份使用了其他密钥" "此处的密钥均无法打开该备份。";
    /// Somebody made the file who is not trusted; `errors` has their fingerprint, which `trustSigner` takes.
    BackupSignerUnknown = 400 "backup_signer_unknown" "Signer not trusted" "Somebody made this backup who is not trusted here; `errors` says who."
        "签名者不受信任" "创建此备份的一方在此不受信任，`errors` 中有其指纹。";
    /// The file is not as it was made; `errors` says where.
    BackupDamaged = 400 "backup_damaged" "Backup damaged" "This backup is not as it was made; `errors` says where."
        "备份已损坏" "此备份与创建时不一致，`errors` 中说明了位置。";
    /// The audit trail of the tenant is not the one that the backup was made of: it is of another tenant, or of another past.
    BackupOfAnotherPast = 409 "backup_of_another_past" "Backup of another past" "The audit trail here has not the head that the backup was made at."
        "备份与当前记录不符" "当前审计记录中没有此备份创建时的末条记录。";
    /// A service of gRPC is asked for a method that it does not have, or not yet, or for a message in an encoding it does not read.
    NotYet = 501 "not_yet" "Not offered" "The service offers no such method yet, or does not read messages in this encoding."
        "尚不提供" "该服务尚不提供此方法，或不支持此消息编码。";
    /// What was asked for by gRPC was not done in the time that `grpc-timeout` left for it, at most 30 seconds. Nothing of it was written.
    DeadlineExceeded = 504 "deadline_exceeded" "Too late" "This took longer than you wanted to wait. Try again."
        "超过期限" "处理时间超过了您设定的等待期限，请重试。";
    /// Another tenant has the name, or had it a while ago.
    TenantNameTaken = 409 "tenant_name_taken" "Name taken" "Another tenant has this name, or had it in the last 90 days."
        "名称已被占用" "其他租户正在使用此名称，或在过去 90 天内使用过。";
    /// It cannot be done to the default tenant, by which the instance is run.
    DefaultTenant = 409 "default_tenant" "Default tenant" "The default tenant can be neither suspended nor deleted, and has the address of the instance."
        "默认租户" "默认租户不能停用或删除，并且使用实例的地址。";
    /// The tenant is to be deleted; until then it can be kept.
    TenantDeleting = 409 "tenant_deleting" "Tenant to be deleted" "This tenant is to be deleted. Keep it first."
        "租户待删除" "该租户即将被删除。请先撤销删除。";
    /// The tenant has an owner, who invites others.
    TenantHasOwner = 409 "tenant_has_owner" "Tenant has an owner" "This tenant has an owner already, who invites whoever else is to have a part in it."
        "租户已有所有者" "该租户已有所有者，其他成员由所有者邀请。";
    /// A tenant sends more requests than it may.
    TooManyRequests = 429 "too_many_requests" "Too many requests" "This tenant gets more requests than it may. Try again shortly."
        "请求过多" "该租户收到的请求超过了允许的数量，请稍后重试。";
    /// The tenant has claimed no domain of this name.
    DomainNotFound = 404 "domain_not_found" "No such domain" "The tenant has no domain of this name."
        "域名不存在" "该租户没有此域名。";
    /// Another tenant has proven the domain.
    DomainTaken = 409 "domain_taken" "Domain taken" "Another tenant has proven that this domain is theirs."
        "域名已被占用" "其他租户已证明拥有此域名。";
    /// The record that proves the domain is not there; `errors` says what was asked and what came.
    DomainNotProven = 400 "domain_not_proven" "Domain not proven" "The record that proves this domain was not found; `errors` says what was."
        "域名未验证" "未找到证明该域名的记录，`errors` 中说明了查询结果。";
    /// The tenant's addresses begin with the domain.
    DomainInUse = 409 "domain_in_use" "Domain in use" "The tenant's addresses begin with this domain. Choose another one first."
        "域名正在使用" "该租户的地址使用此域名，请先选择其他域名。";
    /// The account has no metadata with this key.
    MetadataNotFound = 404 "metadata_not_found" "No such metadata" "There is no metadata with this key."
        "元数据不存在" "没有此键的元数据。";
    /// The instance keeps its tenants from deciding a member of a setting otherwise; `errors` says which.
    SettingLocked = 403 "setting_locked" "Setting locked" "The operator of this instance decides this for all tenants; `errors` says what."
        "设置已锁定" "此项由实例运营者为所有租户决定，`errors` 中说明了具体成员。";
    /// Settings are told of their last versions alone.
    VersionNotFound = 404 "version_not_found" "No such version" "There is no version of this number, or not any more."
        "版本不存在" "没有此编号的版本，或已不再保留。";
    /// The user is kept from signing in.
    UserDisabled = 409 "user_disabled" "User disabled" "This user is disabled. Enable them first."
        "用户已禁用" "该用户已被禁用，请先启用。";
    /// The tenant's policy does not let people do this themselves.
    PolicyForbids = 409 "policy_forbids" "Not offered here" "People do not do this themselves here. Ask an administrator."
        "此处不提供" "此处用户不能自行进行此操作，请联系管理员。";
    /// There is no import of this name, or not any more.
    UserImportNotFound = 404 "user_import_not_found" "No such import" "There is no import of this name."
        "导入不存在" "没有此名称的导入。";
    /// One import is done at a time.
    UserImportRunning = 409 "user_import_running" "Import running" "Users are being imported. Wait until that is done, or delete the import."
        "正在导入" "正在导入用户，请等待完成，或删除该导入。";
    /// A rule of a role is about a user of this name already.
    UserNameInRole = 409 "user_name_in_role" "Name in a role" "A role's rules name a user like this already. Change them first."
        "名称已在角色中" "角色的规则已指定此名称的用户，请先修改这些规则。";
    /// Somebody got their present name a short while ago.
    RenamedLately = 409 "renamed_lately" "Renamed lately" "You changed your name within the last 30 days. Ask an administrator, or wait."
        "近期已改名" "您在最近 30 天内已更改过用户名，请联系管理员或稍后再试。";
    /// There is no batch of this name, or not any more.
    UserBatchNotFound = 404 "user_batch_not_found" "No such batch" "There is no batch of this name."
        "批处理不存在" "没有此名称的批处理。";
    /// One batch is done at a time.
    UserBatchRunning = 409 "user_batch_running" "Batch running" "A batch of users is being worked on. Wait until that is done, or delete it."
        "批处理正在进行" "正在批量处理用户，请等待完成，或删除该批处理。";
    /// There is no restore of this name, or not any more.
    RestorationNotFound = 404 "restoration_not_found" "No such restore" "There is no restore of this name."
        "恢复记录不存在" "没有此名称的恢复记录。";
    /// What there was before a restore is not kept, or not any more: it failed, was undone, was long ago, or another one came after it.
    RestorationNotUndoable = 409 "restoration_not_undoable" "Cannot be undone" "What there was before this restore is not kept any more."
        "无法撤销" "此次恢复之前的内容已不再保留。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_appended_and_never_changed() {
        let listed: Vec<_> = Code::ALL
            .iter()
            .map(|code| format!("{} {}", code.status().as_u16(), code.as_str()))
            .collect();
        insta::assert_snapshot!(listed.join("\n"));
    }
}
