// Where a hazard stands.

// Whether it is no more, or never was one. Without a status it may be there.
export const isOver = (status) => ["closed", "rejected"].includes(status);
