package dev.pileus.compose

import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.material3.Button
import androidx.compose.material3.Card
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Scaffold
import androidx.compose.material3.Slider
import androidx.compose.material3.Switch
import androidx.compose.material3.Text
import androidx.compose.material3.TopAppBar
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableFloatStateOf
import androidx.compose.runtime.mutableIntStateOf
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp

/** Material 3: a bar, a counter, a switch for the theme, a slider, a field and a list, all with saved state. */
class Main : ComponentActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        title = "Compose"
        setContent { Page() }
    }
}

@OptIn(ExperimentalMaterial3Api::class)
@Composable
private fun Page() {
    var dark by rememberSaveable { mutableStateOf(false) }
    var count by rememberSaveable { mutableIntStateOf(0) }
    var part by rememberSaveable { mutableFloatStateOf(0.4f) }
    var text by rememberSaveable { mutableStateOf("") }
    MaterialTheme(if (dark) darkColorScheme() else lightColorScheme()) {
        Scaffold(topBar = { TopAppBar(title = { Text("Compose") }) }) { inner ->
            Column(Modifier.padding(inner).padding(16.dp), Arrangement.spacedBy(12.dp)) {
                Row(Modifier.fillMaxWidth(), Arrangement.SpaceBetween, Alignment.CenterVertically) {
                    Button({ count++ }) { Text("Count $count") }
                    Switch(dark, { dark = it })
                }
                Slider(part, { part = it })
                LinearProgressIndicator({ part }, Modifier.fillMaxWidth())
                OutlinedTextField(text, { text = it }, Modifier.fillMaxWidth(), label = { Text("Name") })
                LazyColumn(verticalArrangement = Arrangement.spacedBy(8.dp)) {
                    items(200) { number -> Entry(number) }
                }
            }
        }
    }
}

@Composable
private fun Entry(number: Int) {
    var open by rememberSaveable { mutableStateOf(false) }
    Card(Modifier.fillMaxWidth().clickable { open = !open }) {
        Text(if (open) "Entry $number is open" else "Entry $number", Modifier.padding(16.dp))
    }
}
