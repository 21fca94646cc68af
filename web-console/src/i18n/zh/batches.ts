import type { Texts } from "../texts";

export const batches: Pick<Texts, "batches"> = {
  batches: {
    role: "角色",
    check: "查看结果",
    checking: "正在试算",
    checked: "尚未做任何更改。结果将是：",
    done: "已完成。",
    failed: "在处理完所有用户之前中止",
    stopped: "已停止",
    kept: "已完成的更改会保留。",
    progress: (done, total) => `已处理 ${done}，共 ${total}`,
    match: "符合条件",
    wouldChange: "将更改",
    changed: "已更改",
    unchanged: "无需更改",
    rejected: "已拒绝",
    rejections: "被拒绝的用户",
    name: "用户",
    why: "原因",
    more: (shown) => `另有 ${shown} 条见 API 的报告。`,
    what: {
      enable: (_n, shown) => `${shown} 位用户将可以重新登录。`,
      disable: (_n, shown) => `${shown} 位用户将在所有设备上退出，重新启用前无法登录。`,
      grant: (_n, shown) => `${shown} 位用户将在现有角色之外再获得该角色。`,
      revoke: (_n, shown) => `${shown} 位用户将不再拥有该角色。`,
      signOut: (_n, shown) => `${shown} 位用户将在所有设备上退出。`,
      delete: (_n, shown) => `${shown} 位用户及其所有数据将被删除，且无法撤销。他们的操作仍保留在审计记录中。`,
    },
  },
};
