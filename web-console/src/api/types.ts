import type { components } from "./schema";
import type { components as systemComponents } from "./system";

type Schemas = components["schemas"];
type SystemSchemas = systemComponents["schemas"];

export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type Rule = Schemas["Rule"];
export type RoleDraft = Schemas["RoleDraft"];
export type DetailedUser = Schemas["DetailedUser"];
export type Message = Schemas["Message"];
export type Tenant = Schemas["PublicTenant"];
export type NewUser = Schemas["CreateUserRequest"];
/** A sign-in of somebody, on one device. */
export type Device = Schemas["Session"];
export type UsedApplication = Schemas["UsedApplication"];
export type PermissionItem = Schemas["PermissionItem"];
export type Scope = Schemas["Scope"];
export type Question = Schemas["ExplainRequest"];
export type Explanation = Schemas["Explanation"];
export type RuleSay = Schemas["RuleSay"];
export type Changed = Schemas["Changed"];
export type AuditEvent = Schemas["AuditEvent"];
export type Outcome = Schemas["AuditOutcome"];
export type Invitation = Schemas["Invitation"];
export type DeliveryFinding = Schemas["DeliveryFinding"];
export type Backup = Schemas["Backup"];
export type UserBatch = Schemas["UserBatch"];
export type UserBatchFilter = Schemas["UserBatchFilter"];
export type UserImport = Schemas["UserImport"];
export type UserImportRejection = Schemas["UserImportRejection"];
export type Restoration = Schemas["Restoration"];
export type UndeliverableAddress = Schemas["UndeliverableAddress"];
export type PasswordPolicy = Schemas["PasswordPolicy"];
export type SignUpPolicy = Schemas["SignUpPolicy"];
export type SessionPolicy = Schemas["SessionPolicy"];
export type SigningKeyPolicy = Schemas["SigningKeyPolicy"];
export type BackupPolicy = Schemas["BackupPolicy"];
export type NotificationPolicy = Schemas["NotificationPolicy"];
export type NotificationSpec = Schemas["NotificationPolicySpec"];
export type LimitPolicy = Schemas["LimitPolicy"];
export type LimitSpec = Schemas["LimitSpec"];
export type CaptchaPolicy = Schemas["CaptchaPolicy"];
export type BrandingPolicy = Schemas["BrandingPolicy"];
export type AuthenticationPolicy = Schemas["AuthenticationPolicy"];
/** Where the members of a policy come from. */
export type PolicyStatus = Schemas["PolicyStatus"];
export type AttachmentPolicy = Schemas["AttachmentPolicy"];
export type CrossOriginPolicy = Schemas["CrossOriginPolicy"];
export type Application = Schemas["Application"];
export type ApplicationPreset = Schemas["ApplicationPreset"];
export type ApplicationOrigin = Schemas["ApplicationOrigin"];
export type ApplicationEdit = Schemas["EditApplicationSpec"];
export type ResourceServer = Schemas["ResourceServer"];
export type ResourceServerEdit = Schemas["EditResourceServerSpec"];
export type ClientSecret = Schemas["ClientSecret"];
export type LogoutDelivery = Schemas["LogoutDelivery"];
export type NewClientSecret = Schemas["NewClientSecret"];
export type ProviderConfig = Schemas["AuthProviderConfig"];
export type UserIdentity = Schemas["UserIdentity"];
export type ProviderEdit = Schemas["PatchAuthProviderConfigSpec"];
export type SigningAlgorithm = Schemas["SigningAlgorithm"];
export type SigningKey = Schemas["SigningKey"];
export type Sender = Schemas["Sender"];
export type DkimKey = Schemas["DkimKey"];
export type DkimCheck = Schemas["DkimCheck"];
export type MessageTemplate = Schemas["MessageTemplate"];
export type MessageKind = Schemas["MessageTemplateKind"];
export type TemplateLanguage = Schemas["TemplateLanguage"];
export type TemplateParts = Schemas["MessageTemplateSpec"];
export type TemplatePreview = Schemas["TemplatePreview"];
export type TemplateProblem = Schemas["TemplateProblem"];
export type TemplateSummary = Schemas["TemplateSummary"];
export type DeliveryStep = Schemas["DeliveryStep"];
export type MailPolicy = Schemas["MailPolicy"];
export type StatsMetric = Schemas["StatsMetric"];
export type StatsStep = Schemas["StatsStep"];
/** A file that the tenant keeps. */
export type Attachment = Schemas["Attachment"];
export type AttachmentUsage = Schemas["AttachmentUsage"];
/** A domain of the tenant's own. */
export type Domain = Schemas["Domain"];
export type DomainState = Domain["status"]["state"];
export type TenantMove = Schemas["TenantMove"];
export type TenantQuotas = Schemas["TenantQuotas"];
export type QuotaSpec = TenantQuotas["spec"];
/** A tenant of the instance, as its operators see it. */
export type InstanceTenant = SystemSchemas["Tenant"];
export type TenantState = InstanceTenant["status"]["state"];
/** A domain, and which tenant claims it. */
export type TenantDomain = SystemSchemas["TenantDomain"];
/** What the instance decides of a policy for all its tenants. */
export type InstanceSetting = SystemSchemas["InstanceSetting"];

/** Whether somebody can sign in, and why not. */
export type UserSignIn = Schemas["UserSignIn"];
export type SignInWait = UserSignIn["waits"][number];

/** What a person may be allowed to do, as the server names it. */
export type Permission =
  | `users:${"list" | "create" | "get" | "update" | "rename" | "delete" | "leave" | "disable" | "enable" | "unlock"}`
  | "users/sign-in:get"
  | "users/name:update"
  | "users/data:get"
  | `users/avatar:${"update" | "delete"}`
  | `users/password:${"update" | "reset"}`
  | `users/permissions:${"get" | "create"}`
  | `${"users/sessions" | "users/applications" | "users/identities"}:${"list" | "delete"}`
  | "users/applications:preview"
  | `users/email:${"override" | "resend"}`
  | `roles:${"list" | "get" | "create" | "update" | "delete"}`
  | `permissions:${"list" | "explain" | "simulate"}`
  | `audit-events:${"list" | "verify"}`
  | `policies:${"get" | "update"}`
  | "stats/overview:get"
  | `user-imports:${"list" | "get" | "create" | "delete"}`
  | `user-batches:${"list" | "get" | "create" | "cancel" | "delete"}`
  | "user-exports:get"
  | `invitations:${"list" | "create" | "delete"}`
  | `${"applications" | "resource-servers"}:${"list" | "get" | "create" | "update" | "delete"}`
  | `${"applications" | "resource-servers"}/secrets:${"create" | "delete"}`
  | `auth-providers:${"enable" | "disable"}`
  | `auth-provider-configs:${"list" | "get" | "create" | "update" | "test" | "delete"}`
  | `signing-keys:${"list" | "rotate"}`
  | `message-templates:${"list" | "get" | "update" | "delete" | "test"}`
  | `senders:${"list" | "get" | "create" | "update" | "delete" | "verify"}`
  | `senders/dkim-keys:${"create" | "delete" | "check"}`
  | `notifiers/bounce-secret:${"get" | "create" | "delete"}`
  | `attachments:${"list" | "get" | "create" | "fetch" | "update" | "delete"}`
  | "attachments/content:get"
  | `attachment-groups:${"list" | "create" | "delete"}`
  | `backups:${"list" | "get" | "create" | "delete"}`
  | "backups/files:get"
  | `restorations:${"list" | "get" | "create" | "undo"}`
  | `messages:${"list" | "get" | "resend" | "cancel"}`
  | "quotas:get"
  | `domains:${"list" | "get" | "create" | "verify" | "make-canonical" | "delete"}`
  | `tenants:${"list" | "get" | "create" | "update" | "invite" | "suspend" | "resume" | "delete" | "undelete"}`
  | "tenants/quotas:update"
  | `tenants/domains:${"list" | "release"}`
  | `settings:${"list" | "get" | "update" | "delete"}`;
