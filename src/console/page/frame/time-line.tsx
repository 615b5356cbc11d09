export const TimeLine = () => null;
