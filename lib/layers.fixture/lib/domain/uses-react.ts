import { useState } from "react";
export const wrong = useState;
