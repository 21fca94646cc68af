import type { Texts } from "../texts";

export const overview: Pick<Texts, "overview"> = {
  overview: {
    hint: "现状与近期情况。",
    now: "现在",
    users: "用户",
    usersUnverified: "未验证",
    usersDisabled: "已停用",
    invitations: "待接受的邀请",
    sessions: "会话",
    applications: "应用程序",
    show: "查看",
    ofLate: "最近 24 小时",
    ofLateHint: "包含当前这一小时。",
    behind: (until) => `统计截至 ${until}。`,
    overTime: "随时间变化",
    overTimeHint: "日期按 UTC 计算。",
    step: "每个柱形的时长",
    steps: { day: "30 天", hour: "24 小时" },
    metrics: {
      signIns: "登录",
      signInsRefused: "被拒绝的登录",
      usersCreated: "新用户",
      usersDeleted: "已删除的用户",
      denials: "被拒绝的操作",
      mailsSent: "已发送的邮件",
      mailsFailed: "失败的邮件",
    },
    summary: (metric, sum, most) => `${metric}：共 ${sum}，最多 ${most}`,
  },
};
