import '../../kit/src/theme/base.css';
import './phone/shell.ts';
